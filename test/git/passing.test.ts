import { expect, test } from 'vitest'
import { letPass, markPassing } from '../../src/git/passing.ts'

test('only a buffer that was marked is given back', () => {
  const [kept, passed] = [Buffer.allocUnsafeSlow(65_536), Buffer.allocUnsafeSlow(65_536)]
  markPassing(passed)
  for (const bytes of [kept, passed]) letPass(bytes)
  expect([kept.length, passed.length]).toEqual([65_536, 0])
})

test('what shares its memory with others stays, marked or not', () => {
  const whole = Buffer.allocUnsafeSlow(65_536).fill('a')
  const part = whole.subarray(8_192)
  markPassing(part)
  letPass(part)
  expect(whole.toString('latin1', 65_530)).toBe('aaaaaa')
})
