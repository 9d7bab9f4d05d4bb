import { createPrivateKey, type KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { checkedRsa, readPrivateFile } from '../keys.ts'
import { UnusableKeyFile } from '../unusable-key-file.ts'
import { certificateOf, libtrustId } from './certificate.ts'
import { ensureKeyFiles, keyFiles } from './key-files.ts'

/** A private RSA key, with what a registry knows it by. */
export interface RegistryKey {
  readonly key: KeyObject
  /** libtrust's. */
  readonly id: string
  /** DER in base64, as it stands in the `x5c` of a token. */
  readonly certificate: string
}

/** Throws for what is no private RSA key in PEM. */
export const registryKeyFrom = (pem: string): RegistryKey => {
  const key = createPrivateKey(pem)
  return { key, id: libtrustId(key), certificate: certificateOf(key).toString('base64') }
}

/** The key that signs now. */
export interface RegistryKeys {
  /** Throws `UnusableKeyFile`. */
  current(): Promise<RegistryKey>
}

interface Loaded {
  readonly state: string
  readonly key: RegistryKey
}

/** Another file under the same name has another state. */
const stateOf = async (path: string): Promise<string | undefined> => {
  try {
    const { ino, mtimeMs, size } = await stat(path)
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return undefined
  }
}

/**
 * The key in its file, which every process looks at each time it signs: a new one signs as soon as it is there. It is
 * made, with all that belongs to it, where there is none.
 */
export class KeptRegistryKeys implements RegistryKeys {
  readonly #directory: string
  #loaded: Loaded | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  async current(): Promise<RegistryKey> {
    const path = join(this.#directory, keyFiles.signing)
    const state = await stateOf(path)
    if (state !== undefined && this.#loaded?.state === state) return this.#loaded.key
    if (state === undefined) await ensureKeyFiles(this.#directory)
    const pem = await readPrivateFile(path)
    if (pem === undefined) throw new UnusableKeyFile(`${path}: is missing`)
    const key = registryKeyFrom(checkedRsa(path, pem))
    if (state !== undefined) this.#loaded = { state, key }
    return key
  }
}
