import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ArchiveReader, BrokenBackup } from '../../src/backup/archive-reader.ts'
import { ArchiveWriter } from '../../src/backup/archive-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-archive-'))
const file = join(folder, 'archive')
const never = new AbortController().signal
const deaf = { onPart() {}, onBytes() {} }

const contents: readonly (readonly [string, string])[] = [
  ['keys/a', 'a key'],
  ['keys/empty', ''],
  ['sallyport-activity.db', 'x'.repeat(1500)],
  ['sallyport.db', 'y'.repeat(512)],
  ['jobs/07/7.log', 'it ran\n'],
  ['repos/07/7.git/HEAD', 'ref: refs/heads/main\n'],
  ['repos/07/7.git/packed-refs', `${'1'.repeat(40)} refs/heads/main\n`],
]

let whole: Buffer

beforeAll(async () => {
  const handle = await open(file, 'wx')
  const writer = new ArchiveWriter(handle, deaf, never)
  await writer.begin({ format: 1, version: '0.0.0', moment: '2026-01-01T00:00:00.000Z' })
  for (const [path, text] of contents) await writer.add(path, Buffer.from(text), 1)
  await writer.finish(1000)
  await handle.close()
  whole = readFileSync(file)
})

afterAll(() => rmSync(folder, { recursive: true }))

/** All that stands in it, or that it was found broken. */
const readBack = async (bytes: Buffer, signal = never): Promise<unknown> => {
  writeFileSync(file, bytes)
  const handle = await open(file, 'r')
  const found: (readonly [string, string])[] = []
  try {
    const reader = new ArchiveReader(handle, deaf, signal)
    const heading = await reader.heading()
    await reader.files(async ({ path }, content) => {
      const pieces: Buffer[] = []
      for await (const piece of content) pieces.push(piece)
      found.push([path, Buffer.concat(pieces).toString()])
    })
    return { heading, found }
  } catch (fault) {
    if (fault instanceof BrokenBackup) return 'broken'
    throw fault
  } finally {
    await handle.close()
  }
}

const asWritten = { heading: { format: 1, version: '0.0.0', moment: '2026-01-01T00:00:00.000Z' }, found: contents }

test('what was written is read', async () => {
  expect(await readBack(whole)).toEqual(asWritten)
})

test('whatever one bit is changed, it is found, or nothing is read that was not written', async () => {
  const place = fc.tuple(fc.nat(whole.length - 1), fc.nat(7))
  let found = 0
  const check = async ([at, bit]: [number, number]): Promise<void> => {
    const changed = Buffer.from(whole)
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
    const read = await readBack(changed)
    if (read === 'broken') found += 1
    else expect(read).toEqual(asWritten)
  }
  await fc.assert(fc.asyncProperty(place, check), { numRuns: 120 })
  expect(found).toBeGreaterThan(90)
})

test.each(['2026-01', '"version":"0', '"format":1'])('a changed %s in its heading is found', async (text) => {
  const changed = Buffer.from(whole)
  const at = changed.indexOf(text) + text.length - 1
  changed.writeUInt8(changed.readUInt8(at) ^ 2, at)
  expect(await readBack(changed)).toBe('broken')
})

test('wherever it ends before its end, or goes on behind it, it is broken', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
      expect(await readBack(whole.subarray(0, length))).toBe('broken')
    }),
    { numRuns: 30 },
  )
  expect(await readBack(Buffer.concat([whole, Buffer.from('x')]))).toBe('broken')
})

test('whatever stands there, it is read or broken, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), fc.nat(whole.length), async (bytes, at) => {
      const mixed = Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)])
      const read = await readBack(mixed)
      if (read !== 'broken') expect(read).toEqual(asWritten)
    }),
    { numRuns: 30 },
  )
})

test('a reader that is told to stop stops in the midst of a file', async () => {
  await expect(readBack(whole, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})
