import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { BrokenSeal, parseSealed, Sealer } from '../../src/tokens/seal.ts'

const sealer = new Sealer(createSecretKey(randomBytes(32)))
const place = { table: 'triggers', column: 'sealed', row: 7 }

const open = (sealed: string, where = place, by = sealer): string => Secret.open(by.open(sealed, where))

describe('a sealed secret', () => {
  test('opens in its place, whatever its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        expect(open(sealer.seal(new Secret(text), place))).toBe(text)
      }),
    )
  })

  test('holds nothing of its text, and never looks the same twice', () => {
    const [one, other] = [
      sealer.seal(new Secret('glptt-in-the-clear'), place),
      sealer.seal(new Secret('glptt-in-the-clear'), place),
    ]
    expect(one).toMatch(/^v1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$/)
    expect(one).not.toContain('glptt')
    expect(one).not.toBe(other)
  })

  const elsewhere: [string, typeof place][] = [
    ['another row', { ...place, row: 8 }],
    ['another column', { ...place, column: 'digest' }],
    ['another table', { ...place, table: 'user_tokens' }],
    ['a place whose words only join to the same', { table: 'trigger', column: 'ssealed', row: 7 }],
  ]
  test.each(elsewhere)('does not open in %s', (_name, where) => {
    expect(() => open(sealer.seal(new Secret('a'), place), where)).toThrow(BrokenSeal)
  })

  test('does not open by another key', () => {
    const other = new Sealer(createSecretKey(randomBytes(32)))
    expect(() => open(sealer.seal(new Secret('a'), place), place, other)).toThrow(BrokenSeal)
    expect(other.fingerprint).not.toBe(sealer.fingerprint)
  })

  test('does not open once any character of it was changed, left out or added', () => {
    const sealed = sealer.seal(new Secret('a secret of some length'), place)
    const character = fc.constantFrom(...'ABCabc019_-.=+/ ')
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), character, fc.constantFrom(0, 1), (at, put, dropped) => {
        const changed = sealed.slice(0, at) + put + sealed.slice(at + dropped)
        fc.pre(changed !== sealed)
        expect(() => open(changed)).toThrow(BrokenSeal)
      }),
      { numRuns: 500 },
    )
  })

  test('the fault names the place, never the text', () => {
    expect(() => open('glptt-in-the-clear')).toThrow('triggers.sealed of row 7 is not a sealed value')
  })

  test('is bounded', () => {
    expect(() => sealer.seal(new Secret('x'.repeat(65_537)), place)).toThrow('too long')
  })
})

describe('reading the form', () => {
  test('any text is taken apart or refused, never a crash', () => {
    const word = fc.string({ unit: fc.constantFrom(...'Aa0_-=.'), maxLength: 24 })
    const likely = fc.tuple(fc.constantFrom('v1', 'v2', ''), word, word, word).map((words) => words.join('.'))
    fc.assert(
      fc.property(fc.oneof(fc.string(), likely), (text) => {
        const parts = parseSealed(text)
        if (parts === undefined) return
        const words = [parts.nonce, parts.body, parts.tag].map((bytes) => bytes.toString('base64url'))
        expect(['v1', ...words].join('.')).toBe(text)
      }),
    )
  })

  const refused = ['', 'v1', 'v1...', 'v1.AAAAAAAAAAAAAAAA..AAAA', 'v2.AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA', 'plain']
  test.each(refused)('refuses %j', (text) => {
    expect(parseSealed(text)).toBeUndefined()
  })

  test('takes the smallest there is', () => {
    expect(parseSealed('v1.AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA')).toBeDefined()
  })
})

test('a key of another size or kind is no sealing key', () => {
  expect(() => new Sealer(createSecretKey(randomBytes(16)))).toThrow('32 bytes')
  expect(() => new Sealer(generateKeyPairSync('ed25519').privateKey)).toThrow('32 bytes')
})

test('a key is not shown where the sealer is printed', () => {
  expect(JSON.stringify(sealer)).toBe('{}')
})
