import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationIn } from '../../src/ci/duration.ts'

const hundredYears = 3_155_760_000

test.each([
  ['1h 30m', 5_400],
  ['90 minutes', 5_400],
  ['1 day and 2 hours, 3 secs', 93_603],
  ['3600', 3_600],
  ['1.5 hours', 5_400],
  ['2 mos', 5_184_000],
  ['never', undefined],
  ['', undefined],
  ['0', undefined],
  ['-1 day', undefined],
  ['1 constructor', undefined],
  ['101 years', undefined],
])('%j is %j seconds', (text, seconds) => {
  expect(durationIn(text)).toBe(seconds)
})

test('any text is a whole number of seconds that a time can bear, or none', () => {
  const pieces = fc.array(fc.constantFrom('1', '999999999', '.', ' ', 'h', 'mo', 'years', 'and', ',', '-', 'e', '\u0000', '٣'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        pieces.map((all) => all.join('')),
      ),
      (text) => {
        const seconds = durationIn(text)
        if (seconds === undefined) return
        expect(Number.isSafeInteger(seconds)).toBe(true)
        expect(seconds).toBeGreaterThanOrEqual(0)
        expect(seconds).toBeLessThanOrEqual(hundredYears)
      },
    ),
  )
})
