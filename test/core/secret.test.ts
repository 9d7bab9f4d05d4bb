import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { makeToken } from '../../src/tokens/make.ts'

const secret = new Secret('glpat-very-secret')

test.each([
  ['joined into a string', () => `${secret}`],
  ['made JSON', () => JSON.stringify({ secret })],
  ['inspected', () => inspect({ secret }, { depth: 9, showHidden: true })],
  ['copied by its properties', () => JSON.stringify({ ...secret })],
  ['thrown in an error', () => inspect(new Error('no', { cause: secret }))],
])('a secret %s does not show', (_how, show) => {
  expect(show()).not.toContain('very-secret')
})

test('a made token has its prefix, 20 url-safe characters, and the digest of itself', () => {
  const made = makeToken('gldt-')
  expect(Secret.open(made.secret)).toMatch(/^gldt-[A-Za-z0-9_-]{20}$/)
  expect(made.digest).toBe(digestOf(made.secret))
  expect(makeToken('gldt-').digest).not.toBe(made.digest)
})
