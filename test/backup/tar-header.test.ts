import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseContents, parseHeading } from '../../src/backup/contents.ts'
import { partOf } from '../../src/backup/places.ts'
import { blockSize, encodeHeader, padding, parseHeader } from '../../src/backup/tar-header.ts'

const longPath = `repos/ff/999999999999999.git/objects/pack/multi-pack-index-${'a'.repeat(40)}.bitmap`

test('headers are read as they were written, also of files of many GiB', () => {
  const paths = fc.constantFrom('sallyport.db', 'keys/root-token', longPath)
  fc.assert(
    fc.property(paths, fc.nat({ max: 2 ** 53 - 1 }), fc.nat({ max: 2 ** 33 - 1 }), (path, size, changedAt) => {
      expect(parseHeader(encodeHeader({ path, size, changedAt }))).toEqual({ path, size, changedAt })
    }),
  )
})

test('any block of bytes is a header, an end or nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 600 }), (bytes) => {
      const header = parseHeader(Buffer.from(bytes))
      if (header !== undefined && header !== 'end') expect(encodeHeader(header).length).toBe(blockSize)
    }),
  )
})

test('one changed bit makes it no header', () => {
  const header = encodeHeader({ path: longPath, size: 12_345, changedAt: 1_767_225_600 })
  fc.assert(
    fc.property(fc.nat({ max: blockSize - 1 }), fc.nat({ max: 7 }), (at, bit) => {
      const changed = Buffer.from(header)
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at)
      const found = parseHeader(changed)
      // Only the blanks and zeros around the sum itself mean nothing.
      if (found !== undefined) expect([found, at >= 148 && at < 156]).toEqual([parseHeader(header), true])
    }),
  )
})

test('the tar of the system reads it', () => {
  const content = Buffer.from('what it holds\n')
  const entry = { path: longPath, size: content.length, changedAt: 1_767_225_600 }
  const archive = Buffer.concat([encodeHeader(entry), content, Buffer.alloc(padding(content.length)), Buffer.alloc(1024)])
  expect(execFileSync('tar', ['-tf', '-'], { input: archive }).toString()).toBe(`${longPath}\n`)
  expect(execFileSync('tar', ['-xOf', '-'], { input: archive })).toEqual(content)
})

test('no text breaks the readers of what an archive says', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseHeading(text)
      parseContents(text)
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (partOf(text) !== undefined) expect(text).not.toMatch(/\.\.|^\/|\/\./)
    }),
  )
})
