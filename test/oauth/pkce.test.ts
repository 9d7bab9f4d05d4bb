import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Challenge, isChallenge, verifies } from '../../src/oauth/pkce.ts'

/** The example of RFC 7636, appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge: Challenge = { value: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', method: 'S256' }

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
      expect(isChallenge(value)).toBe(true)
      expect(verifies({ value, method: 'S256' }, shown)).toBe(made === shown)
    }),
  )
})

test('anything else is no challenge', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(isChallenge(text)).toBe(/^[A-Za-z0-9._~-]{43,128}$/.test(text))
    }),
  )
})
