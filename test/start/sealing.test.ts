import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { ensureSealer, loadSealer } from '../../src/start/sealing.ts'
import { UnusableKeyFile } from '../../src/unusable-key-file.ts'
import { now, type TemporaryStore, temporaryStore } from '../store/temporary-store.ts'

let base: TemporaryStore
let directory: string

beforeEach(async () => {
  base = await temporaryStore()
  directory = mkdtempSync(join(tmpdir(), 'sallyport-sealing-'))
})
afterEach(async () => {
  await base.close()
  rmSync(directory, { recursive: true, force: true })
})

const file = () => join(directory, 'sealing_key')
const ensure = () => ensureSealer(base.store, directory, now)
const place = { table: 't', column: 'c', row: 1 }

describe('the key by which secrets are sealed', () => {
  test('is made with the database, for its owner alone, and found again', async () => {
    const sealed = (await ensure()).seal(new Secret('kept'), place)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(Secret.open((await ensure()).open(sealed, place))).toBe('kept')
    expect(Secret.open((await loadSealer(directory)).open(sealed, place))).toBe('kept')
  })

  test('is in no way in the database', async () => {
    await ensure()
    const text = readFileSync(file(), 'utf8').trim()
    const bytes = Buffer.from(text, 'base64')
    const database = Buffer.concat([readFileSync(base.file), readFileSync(`${base.file}-wal`)])
    for (const form of [Buffer.from(text), bytes, Buffer.from(bytes.toString('hex'))]) expect(database.includes(form)).toBe(false)
  })

  test('may lie there before the database', async () => {
    writeFileSync(file(), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
    const { fingerprint } = await ensure()
    expect((await loadSealer(directory)).fingerprint).toBe(fingerprint)
    expect(readFileSync(file(), 'utf8')).toBe(`${Buffer.alloc(32, 7).toString('base64')}\n`)
  })
})

describe('what stops the start with one line', () => {
  const refused = async (work: Promise<unknown>): Promise<string> => {
    const fault = await work.catch((reason: unknown) => reason)
    expect(fault).toBeInstanceOf(UnusableKeyFile)
    const message = fault instanceof Error ? fault.message : ''
    expect(message).not.toContain('\n')
    return message
  }

  test('a key that was lost: no other one is made in its place', async () => {
    await ensure()
    rmSync(file())
    expect(await refused(ensure())).toContain('sealing_key: is missing, and the database holds secrets sealed with it')
    expect(() => statSync(file())).toThrow('ENOENT')
    expect(await refused(loadSealer(directory))).toContain('is missing')
  })

  test("another database's key, which is kept as it is", async () => {
    await ensure()
    const other = `${Buffer.alloc(32, 9).toString('base64')}\n`
    writeFileSync(file(), other)
    expect(await refused(ensure())).toContain('is not the key with which the database was sealed')
    expect(readFileSync(file(), 'utf8')).toBe(other)
  })

  test.each(['', 'short', `${Buffer.alloc(16).toString('base64')}\n`, `${Buffer.alloc(33).toString('base64')}\n`])(
    'a file that is no key: %j',
    async (text) => {
      writeFileSync(file(), text, { mode: 0o600 })
      expect(await refused(ensure())).toContain('is no sealing key')
      expect(readFileSync(file(), 'utf8')).toBe(text)
    },
  )

  test('a key that others can read', async () => {
    await ensure()
    chmodSync(file(), 0o644)
    expect(await refused(ensure())).toMatch(/mode 0644 .*chmod 600/)
  })

  test('a folder in its place', async () => {
    mkdirSync(file(), { mode: 0o700 })
    expect(await refused(ensure())).toContain('cannot be read')
  })
})
