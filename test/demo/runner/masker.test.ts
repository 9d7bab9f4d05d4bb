import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Masker } from '../../../demo/runner/masker.ts'

const throughMasker = (masks: readonly string[], parts: readonly string[]): string => {
  const masker = new Masker(masks)
  const shown = parts.map((part) => masker.take(Buffer.from(part)))
  return Buffer.concat([...shown, masker.rest()]).toString()
}

test.each([
  ['whole', ['secret'], ['a secret here'], 'a [MASKED] here'],
  ['in two parts', ['secret'], ['a sec', 'ret here'], 'a [MASKED] here'],
  ['byte by byte', ['secret'], [...'secretsecret'], '[MASKED][MASKED]'],
  ['the longer of two', ['abc', 'abcdef'], ['abc', 'def'], '[MASKED]'],
  ['one whose end begins another', ['abc', 'bca_'], ['xab', 'cab'], 'x[MASKED]ab'],
  ['signs of patterns', ['a.*b'], ['axxb a.*b'], 'axxb [MASKED]'],
  ['what only begins', ['secret'], ['sec'], 'sec'],
  ['beyond ASCII', ['grüße'], ['viele grü', 'ße'], 'viele [MASKED]'],
  ['nothing to hide', [], ['a'], 'a'],
])('hides %s', (_, masks, parts, shown) => {
  expect(throughMasker(masks, parts)).toBe(shown)
})

test('what is hidden does not depend on how the stream was cut', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c') })
  const masks = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 5 }), { maxLength: 3 })
  fc.assert(
    fc.property(masks, fc.array(letters, { maxLength: 6 }), (values, parts) => {
      const shown = throughMasker(values, parts)
      expect(shown).toBe(throughMasker(values, [parts.join('')]))
      for (const value of values) expect(shown.replaceAll('[MASKED]', '\n')).not.toContain(value)
    }),
    { numRuns: 2_000 },
  )
})
