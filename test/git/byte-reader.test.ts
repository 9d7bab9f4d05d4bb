import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader, recordsOf } from '../../src/git/byte-reader.ts'

/** The same bytes in pieces of any size. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (const size of sizes) {
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
  yield Buffer.from(bytes.subarray(at))
}

const sizes = fc.array(fc.nat(20), { maxLength: 40 })

const collect = async (records: AsyncIterable<Buffer>): Promise<string[]> => {
  const found: string[] = []
  for await (const record of records) found.push(record.toString('latin1'))
  return found
}

test('records are the same however the bytes come', async () => {
  const record = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes.map((byte) => byte || 1)).toString('latin1'))
  await fc.assert(
    fc.asyncProperty(fc.array(record), sizes, async (records, pieces) => {
      const bytes = Buffer.from(records.map((text) => `${text}\0`).join(''), 'latin1')
      expect(await collect(recordsOf(inPieces(bytes, pieces), 0))).toEqual(records)
    }),
  )
})

test('what stands behind the last end is a record too', async () => {
  expect(await collect(recordsOf(inPieces(Buffer.from('a\nb'), [1, 1]), 10))).toEqual(['a', 'b'])
})

test('a record has a bound', async () => {
  await expect(collect(recordsOf(inPieces(Buffer.alloc(100, 1), [30, 30]), 0, 50))).rejects.toThrow('more than 50 bytes')
})

test('of a block as much is kept as is wanted, and all of it goes by', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(60), sizes, async (block, most, pieces) => {
      const reader = new ByteReader(inPieces(Buffer.concat([block, Buffer.from('rest\n')]), pieces))
      expect(await reader.take(block.length, most)).toEqual(Buffer.from(block.subarray(0, most)))
      expect((await reader.until(10, 10))?.toString()).toBe('rest')
      expect(await reader.until(10, 10)).toBeUndefined()
    }),
  )
})

test('a block that breaks off is a fault', async () => {
  await expect(new ByteReader(inPieces(Buffer.from('abc'), [])).take(4, 4)).rejects.toThrow('less than it announced')
})
