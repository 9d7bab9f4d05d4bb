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
  [['abab'], 'xabababab', 'x[MASKED]'],
  [['aab', 'ba'], 'aaabaab', 'a******'],
])('%j in %s: %s', async (values, text, shown) => {
  expect((await maskOf(...values).cover(Buffer.from(text))).toString()).toBe(shown)
})

test('what repeats itself takes no longer than anything else', async () => {
  const values = Array.from({ length: 10 }, (_, count) => 'ab'.repeat(20_000 + count))
  const text = Buffer.from('ab'.repeat(2 ** 19))
  const before = performance.now()
  const covered = await maskOf(...values).cover(text)
  expect(performance.now() - before).toBeLessThan(5_000)
  expect(covered.toString()).toBe('[MASKED]'.padEnd(2 ** 20, '*'))
})

/** As a log is written: what stands at its end is looked at again with each piece. */
const written = async (mask: LogMask, pieces: readonly Buffer[]): Promise<Buffer> => {
  let log = Buffer.alloc(0)
  for (const piece of pieces) {
    const from = Math.max(0, log.length - mask.overlap)
    log = Buffer.concat([log.subarray(0, from), await mask.cover(Buffer.concat([log.subarray(from), piece]))])
  }
  return log
}

test('no value can be read, however the log comes in pieces, and its length stays', async () => {
  const words = fc.array(fc.constantFrom('s3cr3t-token', 's3cr3t-', 'token', ' ', 'x\n'), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(words, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }), async (parts, sizes) => {
      const text = Buffer.from(parts.join(''))
      const pieces: Buffer[] = []
      for (let at = 0, turn = 0; at < text.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1
        pieces.push(text.subarray(at, at + size))
        at += size
      }
      const log = await written(maskOf('s3cr3t-token'), pieces)
      expect(log.length).toBe(text.length)
      expect(log.toString()).not.toContain('s3cr3t-token')
    }),
  )
})
