import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unzip, zip } from '../../../demo/runner/zip.ts'
import { run } from '../../support/client.ts'

const listing = `
import sys, zipfile, io, json
archive = zipfile.ZipFile(io.BytesIO(bytes.fromhex(sys.stdin.read())))
assert archive.testzip() is None
print(json.dumps([[i.filename, archive.read(i).decode(), i.external_attr >> 16 & 0o777] for i in archive.infolist()]))
`

test('another reader of zip archives finds the same files', async () => {
  const archive = zip([
    { name: 'out/grüße.txt', bytes: Buffer.from('hello'), mode: 0o755 },
    { name: 'empty', bytes: Buffer.alloc(0) },
  ])
  const { code, stdout, stderr } = await run('/usr/bin/python3', ['-c', listing], { input: archive.toString('hex') })
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual([
    ['out/grüße.txt', 'hello', 0o755],
    ['empty', '', 0o644],
  ])
})

test('what is packed comes out again', () => {
  const files = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), bytes: fc.uint8Array() }), {
    selector: ({ name }) => name,
  })
  fc.assert(
    fc.property(files, (entries) => {
      const found = unzip(zip(entries))
      expect(found.map(({ name }) => Buffer.from(name))).toEqual(entries.map(({ name }) => Buffer.from(name)))
      expect(found.map(({ bytes }) => [...bytes])).toEqual(entries.map(({ bytes }) => [...bytes]))
    }),
  )
})

test('an archive that is deflated is read', () => {
  const [text, packed] = [Buffer.from('a'.repeat(1_000)), deflateRawSync('a'.repeat(1_000))]
  const stored = zip([{ name: 'a', bytes: packed }])
  const directory = stored.readUInt32LE(stored.length - 6)
  stored.writeUInt16LE(8, directory + 10)
  expect(unzip(stored)).toEqual([{ name: 'a', bytes: text, mode: 0o644 }])
})

test('what is no archive is refused', () => {
  expect(() => unzip(Buffer.from('<html>'))).toThrow('no zip archive')
})
