import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pemBlocks } from '../../src/registry/certificate.ts'
import { ensureKeyFiles, exchangeKeys, keyFiles } from '../../src/registry/key-files.ts'
import { KeptRegistryKeys } from '../../src/registry/keys.ts'
import { UnusableKeyFile } from '../../src/unusable-key-file.ts'
import { slowKeys } from '../support/slow-keys.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-registry-keys-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** Most tests do not look at how keys are made. */
const withKeys = (): void => {
  const made = slowKeys()
  if (made === undefined) return
  for (const name of [keyFiles.signing, keyFiles.next]) cpSync(join(made, name), join(directory, name))
}

const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
const bundle = (): readonly string[] => pemBlocks(read(keyFiles.bundle))
const belongs = (certificate: string | undefined, name: string): boolean =>
  new X509Certificate(certificate ?? '').checkPrivateKey(createPrivateKey(read(name)))

describe('the files of a registry', () => {
  test('are made at once, for their owner alone, and stay', async () => {
    await ensureKeyFiles(directory)
    expect(readdirSync(directory).sort()).toEqual(Object.values(keyFiles).sort())
    for (const name of Object.values(keyFiles)) expect(statSync(join(directory, name)).mode & 0o077).toBe(0)
    const before = Object.values(keyFiles).map(read)
    await ensureKeyFiles(directory)
    expect(Object.values(keyFiles).map(read)).toEqual(before)
  })

  test('hold the certificates of the key that signs and of the next one', async () => {
    withKeys()
    await ensureKeyFiles(directory)
    expect(belongs(read(keyFiles.certificate), keyFiles.signing)).toBe(true)
    expect(bundle()).toHaveLength(2)
    expect(belongs(bundle()[0], keyFiles.signing)).toBe(true)
    expect(belongs(bundle()[1], keyFiles.next)).toBe(true)
  })

  test('that are lost or broken are written again, but for keys', async () => {
    withKeys()
    await ensureKeyFiles(directory)
    const before = read(keyFiles.bundle)
    rmSync(join(directory, keyFiles.certificate))
    writeFileSync(join(directory, keyFiles.bundle), 'broken')
    await ensureKeyFiles(directory)
    expect(read(keyFiles.bundle)).toBe(before)
    expect(belongs(read(keyFiles.certificate), keyFiles.signing)).toBe(true)
    writeFileSync(join(directory, keyFiles.next), 'broken')
    await expect(ensureKeyFiles(directory)).rejects.toThrow(UnusableKeyFile)
  })

  test('made by several who start at once are the same for all', async () => {
    withKeys()
    rmSync(join(directory, keyFiles.next), { force: true })
    await Promise.all([1, 2, 3].map(() => ensureKeyFiles(directory)))
    await ensureKeyFiles(directory)
    expect(belongs(bundle()[0], keyFiles.signing)).toBe(true)
    expect(bundle().some((certificate) => belongs(certificate, keyFiles.next))).toBe(true)
  })

  test('a key that others may read is not used', async () => {
    withKeys()
    chmodSync(join(directory, keyFiles.signing), 0o644)
    await expect(ensureKeyFiles(directory)).rejects.toThrow(`chmod 600 ${join(directory, keyFiles.signing)}`)
  })
})

describe('an exchange', () => {
  test('lets the next key sign, whose certificate was in the bundle before, and keeps the old certificate', async () => {
    withKeys()
    await ensureKeyFiles(directory)
    const [old, next] = bundle()
    const nextKey = read(keyFiles.next)
    await exchangeKeys(directory)
    expect(read(keyFiles.signing)).toBe(nextKey)
    expect(read(keyFiles.certificate)).toBe(next)
    expect(bundle()).toEqual([next, expect.any(String), old])
    expect(belongs(bundle()[1], keyFiles.next)).toBe(true)
    expect(read(keyFiles.next)).not.toBe(nextKey)
  })

  test('that broke off after the names were exchanged is gone on with', async () => {
    withKeys()
    await ensureKeyFiles(directory)
    const [old, next] = bundle()
    cpSync(join(directory, keyFiles.next), join(directory, keyFiles.signing))
    rmSync(join(directory, keyFiles.next))
    await ensureKeyFiles(directory)
    expect(bundle()).toEqual([next, expect.any(String), old])
    expect(belongs(bundle()[1], keyFiles.next)).toBe(true)
    expect(read(keyFiles.certificate)).toBe(next)
  })

  test('reaches a process that signs already', async () => {
    withKeys()
    const keys = new KeptRegistryKeys(directory)
    const before = await keys.current()
    expect((await keys.current()).id).toBe(before.id)
    await exchangeKeys(directory)
    const after = await keys.current()
    expect(after.id).not.toBe(before.id)
    expect(belongs(read(keyFiles.certificate), keyFiles.signing)).toBe(true)
    expect(new X509Certificate(Buffer.from(after.certificate, 'base64')).fingerprint256).toBe(
      new X509Certificate(read(keyFiles.certificate)).fingerprint256,
    )
  })
})
