import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeUserCode, plainUserCode } from '../../src/oauth/user-code.ts'

test('codes are eight letters that are told apart', () => {
  const codes = Array.from({ length: 100 }, makeUserCode)
  expect(new Set(codes).size).toBe(100)
  for (const code of codes) expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ2-9]{8}$/)
})

test.each(['BCDF2345', 'bcdf2345', 'BCDF-2345', ' bcdf 2345\n', 'b-c-d-f-2-3-4-5'])('%j is what was shown', (typed) => {
  expect(plainUserCode(typed)).toBe('BCDF2345')
})

test('whatever is typed, it stays short', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (typed) => {
      expect(plainUserCode(typed).length).toBeLessThanOrEqual(128)
    }),
  )
})
