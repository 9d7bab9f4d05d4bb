import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../../src/git/byte-reader.ts'
import { type Patch, readPatches } from '../../src/git/patches.ts'

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = async (bytes: Buffer, size: number, most: number): Promise<Patch[]> => {
  const patches: Patch[] = []
  for await (const patch of readPatches(new ByteReader(inPieces(bytes, size)), most)) patches.push(patch)
  return patches
}

/** Lines of a patch begin with a sign, whatever stands behind it. */
const line = fc
  .tuple(fc.constantFrom('+', '-', ' ', '\\', '@@ '), fc.string({ unit: 'binary', maxLength: 20 }))
  .map(([sign, text]) => `${sign}${text.replaceAll('\n', '')}`)
const patch = fc.array(line, { maxLength: 6 }).map((lines) => ['@@ -1 +1 @@', ...lines].map((one) => `${one}\n`).join(''))

test('patches come out one by one as they went in, in whatever pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(patch, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), async (patches, size) => {
      const text = patches.map((one, at) => `diff --git a/${at} b/${at}\nindex 1..2\n--- a/${at}\n+++ b/${at}\n${one}`).join('')
      const found = await read(Buffer.from(text), size, 1_000)
      expect(found.map(({ text: body }) => body?.toString())).toEqual(patches)
    }),
  )
})

test('of any bytes no more is kept than is wanted', async () => {
  const bytes = fc
    .array(fc.oneof(patch, fc.constant('diff --git a b\n'), fc.string({ unit: 'binary' })))
    .map((all) => Buffer.from(all.join('')))
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(60), async (all, most) => {
      for (const { text, size } of await read(all, 7, most)) {
        expect(text?.length ?? 0).toBeLessThanOrEqual(most + 1)
        expect(size).toBeLessThanOrEqual(all.length)
      }
    }),
  )
})
