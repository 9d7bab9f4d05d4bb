import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { LogMask } from '../../src/tokens/log-mask.ts'

const maskOf = (...values: string[]): LogMask => new LogMask(values.map((value) => new Secret(value)))

test.each([
  [['s3cret'], 'a s3cret b', 'a ****** b'],
  [['longsecret'], 'a longsecret b', 'a [MASKED]** b'],
  [['aa'], 'aaaaa', '*****'],
  [['abc', 'cd'], 'xabcdx', 'x****x'],
  [['abcd', 'bc'], 'abcd bc', '**** **'],
  [['ü1'], 'ü1!', '***!'],
  [[''], 'all of it', 'all of it'],
  [[], 'all of it', 'all of it'],
])('%j in %s: %s', (values, text, shown) => {
  expect(
    maskOf(...values)
      .cover(Buffer.from(text))
      .toString(),
  ).toBe(shown)
})

/** As a log is written: what stands at its end is looked at again with each piece. */
const written = (mask: LogMask, pieces: readonly Buffer[]): Buffer =>
  pieces.reduce((log, piece) => {
    const from = Math.max(0, log.length - mask.overlap)
    return Buffer.concat([log.subarray(0, from), mask.cover(Buffer.concat([log.subarray(from), piece]))])
  }, Buffer.alloc(0))

test('no value can be read, however the log comes in pieces, and its length stays', () => {
  const words = fc.array(fc.constantFrom('s3cr3t-token', 's3cr3t-', 'token', ' ', 'x\n'), { maxLength: 20 })
  fc.assert(
    fc.property(words, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }), (parts, sizes) => {
      const text = Buffer.from(parts.join(''))
      const pieces: Buffer[] = []
      for (let at = 0, turn = 0; at < text.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1
        pieces.push(text.subarray(at, at + size))
        at += size
      }
      const log = written(maskOf('s3cr3t-token'), pieces)
      expect(log.length).toBe(text.length)
      expect(log.toString()).not.toContain('s3cr3t-token')
    }),
  )
})
