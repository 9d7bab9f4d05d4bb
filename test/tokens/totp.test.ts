import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { makeRecoveryCodes, recoveryDigest, spelledCodes } from '../../src/tokens/recovery-codes.ts'
import { base32, codeAt, makeSeed, seedUri, spelledSeed, stepOfCode } from '../../src/tokens/totp.ts'

/** RFC 6238, appendix B: `12345678901234567890`, of whose eight digits we take the last six. */
const seed = new Secret(base32(Buffer.from('12345678901234567890')))

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base32 of %j is %j (RFC 4648, 10)', (text, coded) => {
  expect(base32(Buffer.from(text))).toBe(coded)
})

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('at second %i the code is %s', (second, code) => {
  expect(codeAt(seed, second * 1_000)).toBe(code)
  expect(stepOfCode(seed, code, second * 1_000)).toBe(Math.floor(second / 30))
})

test('a code counts one step early and one late, and no further', () => {
  const now = 1_700_000_010_000
  const at = (steps: number) => stepOfCode(seed, codeAt(seed, now + steps * 30_000), now)
  const step = Math.floor(now / 30_000)
  expect([-2, -1, 0, 1, 2].map(at)).toEqual([undefined, step - 1, step, step + 1, undefined])
})

test('no text but the codes of three steps is taken', () => {
  const now = 1_700_000_000_000
  const right = new Set([-30_000, 0, 30_000].map((drift) => codeAt(seed, now + drift)))
  const typed = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^\d{5,7}$/), fc.constantFrom(...right))
  fc.assert(
    fc.property(typed, (text) => {
      expect(stepOfCode(seed, text, now) !== undefined).toBe(right.has(text.replaceAll(/\s/g, '')))
    }),
  )
  const code = codeAt(seed, now)
  expect(stepOfCode(seed, ` ${code.slice(0, 3)} ${code.slice(3)}`, now)).toBeDefined()
})

test('seeds are long, differ, and can be typed or opened', () => {
  const made = makeSeed()
  expect(Secret.open(made)).toMatch(/^[A-Z2-7]{32}$/)
  expect(Secret.open(made)).not.toBe(Secret.open(makeSeed()))
  expect(spelledSeed(made)).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
  expect(seedUri(seed, 'git.example.org', 'a&b')).toBe(
    'otpauth://totp/git.example.org:a%26b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=git.example.org',
  )
})

test('recovery codes differ, and may be typed as one likes', () => {
  const codes = makeRecoveryCodes()
  expect(spelledCodes(codes).every((code) => /^([a-z2-7]{5}-){3}[a-z2-7]{5}$/.test(code))).toBe(true)
  expect(new Set(codes.map(recoveryDigest)).size).toBe(10)
  const [first = ''] = spelledCodes(codes)
  expect(recoveryDigest(new Secret(first.toUpperCase().replaceAll('-', ' ')))).toBe(recoveryDigest(new Secret(first)))
})
