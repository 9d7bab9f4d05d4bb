import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOutsideToken } from '../../src/trust/outside-token.ts'
import { untimelyReason } from '../../src/trust/verify.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (header: unknown, claims: unknown = { iss: 'https://ci.example.org' }, signature = 'c2ln'): string =>
  `${part(header)}.${part(claims)}.${signature}`

const usual = { alg: 'ES256', kid: 'a' }

const rows: readonly [string, string, string][] = [
  ['a token', token(usual), 'read'],
  ['one that names its type', token({ ...usual, typ: 'JWT' }), 'read'],
  ['none', token({ ...usual, alg: 'none' }), 'algorithm_refused'],
  ['none without a signature', token({ ...usual, alg: 'none' }, undefined, ''), 'algorithm_refused'],
  ['None', token({ ...usual, alg: 'None' }), 'algorithm_refused'],
  ['a shared secret', token({ ...usual, alg: 'HS256' }), 'algorithm_refused'],
  ['no algorithm', token({ kid: 'a' }), 'algorithm_refused'],
  ['a list of algorithms', token({ ...usual, alg: ['ES256'] }), 'algorithm_refused'],
  ['an unknown extension', token({ ...usual, crit: ['exp'] }), 'token_malformed'],
  ['an unencoded body', token({ ...usual, crit: ['b64'], b64: false }), 'token_malformed'],
  ['a logout token', token({ ...usual, typ: 'logout+jwt' }), 'token_malformed'],
  ['no signature', token(usual, undefined, ''), 'token_malformed'],
  ['two parts', `${part(usual)}.${part({})}`, 'token_malformed'],
  ['an encrypted one', `${token(usual)}.a.b`, 'token_malformed'],
  ['no issuer', token(usual, {}), 'token_malformed'],
  ['an issuer that is a list', token(usual, { iss: ['https://ci.example.org'] }), 'token_malformed'],
  ['a list for claims', token(usual, []), 'token_malformed'],
  ['blanks', ` ${token(usual)}`, 'token_malformed'],
  ['another alphabet', token(usual).replace('.', '+.'), 'token_malformed'],
  ['what is too long', token(usual, { iss: 'x'.repeat(20_000) }), 'token_malformed'],
  ['nothing', '', 'token_malformed'],
]

test.each(rows)('%s', (_what, text, gives) => {
  const found = readOutsideToken(text)
  expect(typeof found === 'string' ? found : 'read').toBe(gives)
})

test('whatever text there is, reading ends', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(fc.base64String()).map((parts) => parts.join('.')),
      ),
      (text) => {
        expect(typeof readOutsideToken(text)).toBe('string')
      },
    ),
  )
})

const now = 1_800_000_000_000
const at = now / 1000
const times = (fields: Record<string, unknown>) => ({ iat: at, exp: at + 300, ...fields })

const moments: readonly [string, Record<string, unknown>, string | undefined][] = [
  ['now', {}, undefined],
  ['a clock that is nearly a minute behind', { exp: at - 59 }, undefined],
  ['one that is a minute behind', { exp: at - 60 }, 'token_expired'],
  ['a clock that is a minute ahead', { iat: at + 60, nbf: at + 60, exp: at + 300 }, undefined],
  ['a token of the future', { iat: at + 61, exp: at + 300 }, 'token_not_valid_yet'],
  ['one that begins in the future', { nbf: at + 61 }, 'token_not_valid_yet'],
  ['one without an end', { exp: undefined }, 'token_without_times'],
  ['one that says not when it was made', { iat: undefined }, 'token_without_times'],
  ['an end in words', { exp: '2099-01-01' }, 'token_without_times'],
  ['an end beyond all numbers', { exp: 1e300 }, 'token_without_times'],
  ['a beginning in words', { nbf: 'now' }, 'token_without_times'],
  ['a day', { exp: at + 86_400 }, undefined],
  ['more than a day', { exp: at + 86_401 }, 'token_lives_too_long'],
]

test.each(moments)('%s', (_what, fields, gives) => {
  expect(untimelyReason(times(fields), now)).toBe(gives)
})
