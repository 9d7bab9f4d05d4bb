import { type Address, formatAddress, WrongSetting } from './config.ts'

const addressFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program; give another one',
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'names a host that is not known',
  EACCES: 'needs rights that this user does not have',
}

/** Why a door could not be opened: one line for what a person can mend, the fault itself for anything else. */
export const unusableAddress = (setting: 'http' | 'ssh', address: Address, fault: unknown): unknown => {
  const code = fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
  const why = Object.hasOwn(addressFaults, code) ? addressFaults[code] : undefined
  const name = `SALLYPORT_${setting.toUpperCase()} (--${setting})`
  return why === undefined ? fault : new WrongSetting(`${name}: ${formatAddress(address)} ${why}`)
}
