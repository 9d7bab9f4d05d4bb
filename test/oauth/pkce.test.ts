import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Challenge, isChallenge, verifies } from '../../src/oauth/pkce.ts'

/** The example of RFC 7636, appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge: Challenge = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' }

test('a verifier of 32 bytes in standard Base64, as git-credential-oauth makes them, is one', () => {
  const made = 'b/+B3q2x0nZ6l9s8Jw1mXv7yT4uK5pQrS0aGhDfEc2A='
  const value = createHash('sha256').update(made).digest('base64url')
  expect(verifies({ value, method: 'S256' }, made)).toBe(true)
})

describe('a verifier', () => {
  test('fits the challenge of the standard', () => expect(verifies(challenge, verifier)).toBe(true))
  test('fits itself where the challenge is plain', () => {
    expect(verifies({ value: verifier, method: 'plain' }, verifier)).toBe(true)
  })
  test.each([
    ['is another', challenge, `${verifier.slice(0, -1)}x`],
    ['is the challenge', challenge, challenge.value],
    ['is missing', challenge, undefined],
    ['is shorter than the standard says', { value: 'short', method: 'plain' }, 'short'],
    ['comes where none was asked for', undefined, verifier],
  ] as const)('is refused where it %s', (_name, asked, shown) => expect(verifies(asked, shown)).toBe(false))
  test('may be left out where none was asked for', () => expect(verifies(undefined, undefined)).toBe(true))
})

const characters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~']
const verifiers = fc.string({ unit: fc.constantFrom(...characters), minLength: 43, maxLength: 128 })

test('only the one that was hashed fits', () => {
  fc.assert(
    fc.property(verifiers, verifiers, (made, shown) => {
      const value = createHash('sha256').update(made).digest('base64url')
      expect(isChallenge({ value, method: 'S256' })).toBe(true)
      expect(verifies({ value, method: 'S256' }, shown)).toBe(made === shown)
    }),
  )
})

test('anything else is no challenge', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(isChallenge({ value: text, method: 'S256' })).toBe(/^[A-Za-z0-9_-]{43}$/.test(text))
      expect(isChallenge({ value: text, method: 'plain' })).toBe(/^[!-~]{43,128}$/.test(text))
    }),
  )
})
