import { type IpAddress, type IpRange, ipRanges, isInRanges } from '../core/ip-address.ts'

/**
 * What no outside issuer lives at: this machine, private networks, the neighbourhood, documentation, multicast, what is
 * reserved, and what wraps another address in one of its own (IANA IPv4 and IPv6 Special-Purpose Address Registries).
 * The machines that tell a cloud's tenants their secrets are among them; the one whose address looks public is named.
 */
const closed = ipRanges([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
])

/** Of IPv6 only this is given to networks of the world; everything else is closed. */
const worldwide = ipRanges(['2000::/3'])
const everyVersion4 = ipRanges(['0.0.0.0/0'])

export const isPublic = (address: IpAddress): boolean =>
  (isInRanges(address, everyVersion4) || isInRanges(address, worldwide)) && !isInRanges(address, closed)

/** Whether we may call an address: a public one, or one that was opened (`SALLYPORT_OUTBOUND_ALLOW`). */
export const mayCall = (address: IpAddress, opened: readonly IpRange[]): boolean =>
  isPublic(address) || isInRanges(address, opened)
