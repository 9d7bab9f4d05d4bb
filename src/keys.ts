import { createPrivateKey, createSecretKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { chmod, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import { UnusableKeyFile } from './unusable-key-file.ts'

/** Every key of the server, as PEM texts. */
export interface CompleteKeys {
  readonly hostKeys: readonly string[]
  /** RSA, PKCS#8: signs tokens that others verify. */
  readonly signingKey: string
}

export interface ServerKeys {
  /** Private host keys (PEM) that are there at once: enough for any client of this decade. */
  readonly hostKeys: readonly string[]
  /** Loads or makes the slow RSA ones too. Asked for once the doors are open, so that the start does not share its cores. */
  complete(): Promise<CompleteKeys>
}

const generate = promisify(generateKeyPair)

/** ssh2 1.17 writes one ed25519 key in 256 in a form that neither it nor OpenSSH can read: such a one is thrown away. */
const hostEd25519 = async (): Promise<string> => {
  for (let tries = 0; tries < 20; tries += 1) {
    const { private: pem } = ssh2.utils.generateKeyPairSync('ed25519')
    if (!(ssh2.utils.parseKey(pem) instanceof Error)) return pem
  }
  throw new Error('no ed25519 key could be made')
}

/** RSA is made on Node's thread pool, where it takes up to a second without holding anything up. ssh2 reads PKCS#1, and no PKCS#8. */
const hostRsa = async (): Promise<string> => {
  const { privateKey } = await generate('rsa', { modulusLength: 3072 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** RSA, PKCS#8 in PEM; as long as GitLab's own. What it signs lives for hours. */
export const makeRsaKey = async (): Promise<string> => {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

const isMissing = (fault: unknown): boolean => fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'
const isTaken = (fault: unknown): boolean => fault instanceof Error && 'code' in fault && fault.code === 'EEXIST'
const because = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault))

export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}

/**
 * Puts a whole file in place at once, on disk before it has its name. An existing file stays as it is: of two servers
 * that start together, the second takes the first one's key.
 */
const place = async (directory: string, name: string, text: string): Promise<void> => {
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true })
    await link(temporary, join(directory, name)).catch((fault: unknown) => {
      if (!isTaken(fault)) throw fault
    })
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(directory)
}

/** The text of a private file; undefined where there is none. Throws `UnusableKeyFile` where others may read it too. */
export const readPrivateFile = async (path: string): Promise<string | undefined> => {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, '0')
      throw new UnusableKeyFile(`${path}: mode ${shown} lets others use this private key; set it right with: chmod 600 ${path}`)
    }
    return await readFile(path, 'utf8')
  } catch (fault) {
    if (isMissing(fault)) return undefined
    throw fault instanceof UnusableKeyFile ? fault : new UnusableKeyFile(`${path}: cannot be read: ${because(fault)}`)
  }
}

/** The text of a private file, which is made where there is none. Throws `UnusableKeyFile`. */
export const ensurePrivateFile = async (directory: string, name: string, make: () => Promise<string>): Promise<string> => {
  const path = join(directory, name)
  const found = await readPrivateFile(path)
  if (found !== undefined) return found
  const made = await make()
  try {
    await place(directory, name, made)
  } catch (fault) {
    throw new UnusableKeyFile(`${path}: cannot be written: ${because(fault)}`)
  }
  return (await readPrivateFile(path)) ?? made
}

/** The public half in the form that people put into `known_hosts`. Throws `UnusableKeyFile` for what is no host key. */
const publicLine = (path: string, pem: string): string => {
  const key = ssh2.utils.parseKey(pem)
  if (key instanceof Error) throw new UnusableKeyFile(`${path}: is no private key that can be read: ${key.message}`)
  if (!key.isPrivateKey()) throw new UnusableKeyFile(`${path}: holds a public key where the private one belongs`)
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${basename(path)}\n`
}

const ensureHostKey = async (directory: string, name: string, make: () => Promise<string>): Promise<string> => {
  const path = join(directory, name)
  const pem = await ensurePrivateFile(directory, name, make)
  const line = publicLine(path, pem)
  const written = await readFile(`${path}.pub`, 'utf8').catch(() => undefined)
  if (written !== line) await writeFile(`${path}.pub`, line, { mode: 0o644 })
  return pem
}

const signingKeyName = 'signing_key.pem'

/** Of keys that sign no more, or not yet, and are published: `signing_key.2027.pem`. */
const publishedKeyName = /^signing_key\.[A-Za-z0-9_-]{1,64}\.pem$/

/** The text as it is. Throws `UnusableKeyFile` where it is no private RSA key. */
export const checkedRsa = (path: string, pem: string): string => {
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return pem
  } catch (fault) {
    throw new UnusableKeyFile(`${path}: is no private key that can be read: ${because(fault)}`)
  }
  throw new UnusableKeyFile(`${path}: is no RSA key`)
}

const ensureSigningKey = async (directory: string): Promise<string> =>
  checkedRsa(join(directory, signingKeyName), await ensurePrivateFile(directory, signingKeyName, makeRsaKey))

/**
 * The keys by which signatures of this server are known, the one that signs first; it is made where there is none. To
 * change it, put the next one beside it under another name, wait a day, and exchange the names. Throws `UnusableKeyFile`.
 */
export const loadSigningKeys = async (directory: string): Promise<readonly string[]> => {
  const first = await ensureSigningKey(directory)
  const names = (await readdir(directory)).filter((name) => publishedKeyName.test(name)).sort()
  const others = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name)
      const pem = await readPrivateFile(path)
      return pem === undefined ? [] : [checkedRsa(path, pem)]
    }),
  )
  return [first, ...others.flat()]
}

const authorityName = 'ssh_user_ca_key'

const ed25519 = async (): Promise<string> => {
  const { privateKey } = await generate('ed25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The key that signs SSH certificates of users, made where there is none. Throws `UnusableKeyFile`. */
export const loadCertificateAuthority = async (directory: string): Promise<KeyObject> => {
  const path = join(directory, authorityName)
  const pem = await ensurePrivateFile(directory, authorityName, ed25519)
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (fault) {
    throw new UnusableKeyFile(`${path}: is no private key that can be read: ${because(fault)}`)
  }
  throw new UnusableKeyFile(`${path}: is no Ed25519 key`)
}

/** A checkout may hold the folder already, readable for all; the keys in it are for us alone. */
const prepare = async (directory: string): Promise<void> => {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await chmod(directory, 0o700)
  } catch (fault) {
    throw new UnusableKeyFile(`${directory}: cannot be used for keys: ${because(fault)}`)
  }
}

const makeSlowOnes = async (directory: string, quick: readonly string[]): Promise<CompleteKeys> => {
  const [rsa, signingKey] = await Promise.all([
    ensureHostKey(directory, 'ssh_host_rsa_key', hostRsa),
    ensureSigningKey(directory),
  ])
  return { hostKeys: [...quick, rsa], signingKey }
}

/**
 * Loads the server's own keys, and makes those that are missing: the quick one before it returns, RSA when asked for.
 * Private files have mode 0600 in a folder of 0700. Throws `UnusableKeyFile`.
 */
export const loadServerKeys = async (directory: string): Promise<ServerKeys> => {
  await prepare(directory)
  const hostKeys = [await ensureHostKey(directory, 'ssh_host_ed25519_key', hostEd25519)]
  return { hostKeys, complete: () => makeSlowOnes(directory, hostKeys) }
}

/** Where the key lies by which secrets in the database are sealed. */
export const sealingKeyFile = (directory: string): string => join(directory, 'sealing_key')

/** 32 bytes in base64, on a line of their own. */
const sealingKeyForm = /^[A-Za-z0-9+/]{43}=\n?$/

/** The sealing key; undefined where there is no file. Throws `UnusableKeyFile` for what is no such key. */
export const readSealingKey = async (directory: string): Promise<KeyObject | undefined> => {
  const path = sealingKeyFile(directory)
  const text = await readPrivateFile(path)
  if (text === undefined) return undefined
  if (sealingKeyForm.test(text)) return createSecretKey(text.trim(), 'base64')
  throw new UnusableKeyFile(`${path}: is no sealing key (32 bytes in base64); put back the file that was made with the database`)
}

/** Makes a sealing key, for a database in which nothing was sealed so far. A file that is there stays. */
export const makeSealingKey = async (directory: string): Promise<void> => {
  await ensurePrivateFile(directory, basename(sealingKeyFile(directory)), async () => `${randomBytes(32).toString('base64')}\n`)
}
