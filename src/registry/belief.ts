import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFiles } from './key-files.ts'
import { registryKeyFrom } from './keys.ts'
import { signRegistryToken } from './sign.ts'

/** Milliseconds. */
const patience = 5_000

/** A token that allows nothing, by the key in a file. */
const tokenBy = async (file: string, issuer: string): Promise<string> => {
  const key = registryKeyFrom(await readFile(file, 'utf8'))
  const nobody = { subject: undefined, authType: 'none', holder: undefined, access: [] }
  return signRegistryToken({ current: async () => key }, { issuer, ...nobody, now: Date.now(), life: 60 })
}

const ask = async (url: string, token: string): Promise<boolean | undefined> => {
  try {
    const headers = { Authorization: `Bearer ${token}` }
    const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(patience) })
    await response.body?.cancel()
    return response.status === 200 ? true : response.status === 401 ? false : undefined
  } catch {
    return undefined
  }
}

/** Whether a registry takes a token, whichever way it is reached; undefined where it does not say. */
const believes = async (address: string, token: string): Promise<boolean | undefined> =>
  (await ask(`https://${address}/v2/`, token)) ?? ask(`http://${address}/v2/`, token)

/**
 * Asks a registry whether it knows the next key. Undefined where it cannot tell: it is not there, or does not take what
 * the key of today signs either.
 * @param directory of keys
 * @param issuer the public base URL that the registry was configured with
 */
export const knowsNextKey = async (directory: string, address: string, issuer: string): Promise<boolean | undefined> => {
  const today = await believes(address, await tokenBy(join(directory, keyFiles.signing), issuer))
  return today === true ? believes(address, await tokenBy(join(directory, keyFiles.next), issuer)) : undefined
}
