import fc from 'fast-check'
import { expect, test } from 'vitest'
import { qrCode } from '../../../../src/http/web/qr/code.ts'
import { correctionOf } from '../../../../src/http/web/qr/correction.ts'
import { frameOf } from '../../../../src/http/web/qr/grid.ts'
import { versionFor } from '../../../../src/http/web/qr/version.ts'
import { readCode } from './read-code.ts'

test('the words that mend a block are those of the standard’s example (ISO/IEC 18004, annex I: 01234567, version 1-M)', () => {
  const data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11]
  expect(correctionOf(data, 10)).toEqual([0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55])
})

test('the format and version words are those of the standard (annexes C and D)', () => {
  const version = versionFor(150)
  if (version === undefined) throw new Error('no version')
  expect(version.number).toBe(7)
  const grid = frameOf(version, 4)
  const bit = (row: number, column: number): string => (grid[row]?.[column] === true ? '1' : '0')
  const format = [
    [8, 0],
    [8, 1],
    [8, 2],
    [8, 3],
    [8, 4],
    [8, 5],
    [8, 7],
    [8, 8],
    [7, 8],
    [5, 8],
    [4, 8],
    [3, 8],
    [2, 8],
    [1, 8],
    [0, 8],
  ]
  expect(format.map(([row = 0, column = 0]) => bit(row, column)).join('')).toBe('110011000101111')
  const words = Array.from({ length: 18 }, (_, at) => bit(Math.floor((17 - at) / 3), version.size - 11 + ((17 - at) % 3)))
  expect(words.join('')).toBe('000111110010010100')
})

test('a reader gets back what was written, for every size', () => {
  const lengths = [1, 17, 18, 32, 53, 78, 106, 107, 134, 154, 192, 230, 231, 271]
  for (const length of lengths) {
    const text = 'otpauth://totp/a:b?secret='.padEnd(length, 'X').slice(0, length)
    expect(readCode(qrCode(text) ?? [])).toBe(text)
  }
})

test('a reader gets back any text that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      fc.pre(Buffer.byteLength(text) <= 271 && text.isWellFormed())
      expect(readCode(qrCode(text) ?? [])).toBe(text)
    }),
    { numRuns: 20 },
  )
})

test('a text that is too long has no code', () => {
  expect(qrCode('x'.repeat(272))).toBeUndefined()
})
