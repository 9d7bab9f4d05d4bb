import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shownName } from '../../../src/http/web/shown-name.ts'

test.each([
  ['Git Credential Manager', 'Git Credential Manager'],
  ['\u202egnp.knaB', 'gnp.knaB'],
  ['Ba\u200bnk\u2066', 'Bank'],
  ['a\nb', 'ab'],
  [' \u200b ', 'An application without a name'],
  ['Möbel & Co. 東京', 'Möbel & Co. 東京'],
])('an application called %j is shown as %j', (name, shown) => {
  expect(shownName({ name })).toBe(shown)
})

test('nothing unseen is left of any name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(shownName({ name })).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u)
    }),
  )
})
