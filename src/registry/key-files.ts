import { createPrivateKey, randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkedRsa, ensurePrivateFile, makeRsaKey, syncDirectory } from '../keys.ts'
import { UnusableKeyFile } from '../unusable-key-file.ts'
import { certificateOf, pemBlocks, toPem } from './certificate.ts'

/** Names in the folder of keys. */
export const keyFiles = {
  /** Signs. */
  signing: 'registry_key.pem',
  /** The certificate of what signs. */
  certificate: 'registry_key.crt',
  /** Signs after the next exchange; registries know it already. */
  next: 'registry_key.next.pem',
  /** Certificates that a registry believes: of what signs, of the next one, of the last one. */
  bundle: 'registry_bundle.pem',
} as const

/** Puts a whole file in place at once, also over another one. Certificates are no secrets, but nobody else looks into the folder. */
const replace = async (directory: string, name: string, text: string): Promise<void> => {
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true })
    await rename(temporary, join(directory, name))
  } catch (fault) {
    const because = fault instanceof Error ? fault.message : String(fault)
    throw new UnusableKeyFile(`${join(directory, name)}: cannot be written: ${because}`)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncDirectory(directory)
}

const readText = (directory: string, name: string): Promise<string> => readFile(join(directory, name), 'utf8').catch(() => '')

const certificatePem = (pem: string): string => toPem(certificateOf(createPrivateKey(pem)))

const ensureKey = async (directory: string, name: string): Promise<string> =>
  checkedRsa(join(directory, name), await ensurePrivateFile(directory, name, makeRsaKey))

/** What a registry is to believe, without repetitions. */
const bundleOf = (...certificates: readonly string[]): string => [...new Set(certificates)].join('')

/** Two older ones at most: that of the last exchange, and one by which a hand went wrong. */
const olderOnes = (bundle: string, known: readonly string[]): readonly string[] =>
  pemBlocks(bundle)
    .filter((block) => !known.includes(block))
    .slice(0, 2)

const ensureBundle = async (directory: string, signing: string, next: string): Promise<void> => {
  const there = await readText(directory, keyFiles.bundle)
  if (pemBlocks(there).includes(signing) && pemBlocks(there).includes(next)) return
  const whole = bundleOf(signing, next, ...olderOnes(there, [signing, next]))
  await replace(directory, keyFiles.bundle, whole)
}

const ensureCertificate = async (directory: string, certificate: string): Promise<void> => {
  if ((await readText(directory, keyFiles.certificate)) === certificate) return
  await replace(directory, keyFiles.certificate, certificate)
}

/**
 * Makes what is missing of the registry's files: the key that signs, the one after it, their certificates. The key after
 * it is made at once, so that a registry knows it long before it signs. Throws `UnusableKeyFile`.
 */
export const ensureKeyFiles = async (directory: string): Promise<void> => {
  const [next, signing] = await Promise.all([keyFiles.next, keyFiles.signing].map((name) => ensureKey(directory, name)))
  if (next === undefined || signing === undefined) throw new Error('two keys were asked for')
  const certificate = certificatePem(signing)
  await ensureBundle(directory, certificate, certificatePem(next))
  await ensureCertificate(directory, certificate)
}

/**
 * Lets the next key sign from now on, and makes the one after it. A registry that has read the bundle since the exchange
 * before goes on without a pause; tokens of the old key stay good, since its certificate stays in the bundle until the
 * next exchange. Whatever breaks off in between leaves files from which `ensureKeyFiles` goes on.
 */
export const exchangeKeys = async (directory: string): Promise<void> => {
  await ensureKeyFiles(directory)
  const made = await makeRsaKey()
  const [old, next] = await Promise.all([keyFiles.certificate, keyFiles.next].map((name) => readText(directory, name)))
  if (old === undefined || next === undefined) throw new Error('two files were asked for')
  const certificate = certificatePem(next)
  await replace(directory, keyFiles.bundle, bundleOf(certificate, certificatePem(made), old))
  await rename(join(directory, keyFiles.next), join(directory, keyFiles.signing))
  await replace(directory, keyFiles.next, made)
  await ensureCertificate(directory, certificate)
}
