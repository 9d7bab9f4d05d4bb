import fc from 'fast-check'
import { expect, test } from 'vitest'
import { misfitOf } from '../../src/trust/fits.ts'

const claims = {
  aud: ['sallyport', 'others'],
  sub: 'repo:octo/ship:ref:refs/heads/main',
  repository: 'octo/ship',
  run: 17,
  protected: true,
  groups: ['crew', 'captains'],
  nested: { repository: 'octo/ship' },
  nothing: null,
}

const trust = (patterns: Record<string, string[]>, audience = 'sallyport') => ({ audience, claims: patterns })

const rows: readonly [string, Record<string, string[]>, string][] = [
  ['an exact value', { repository: ['octo/ship'] }, 'fits'],
  ['another value', { repository: ['octo/shi'] }, 'claim_mismatch repository'],
  ['a longer value', { repository: ['octo/ship2'] }, 'claim_mismatch repository'],
  ['another case', { repository: ['Octo/ship'] }, 'claim_mismatch repository'],
  ['one of several', { repository: ['octo/boat', 'octo/ship'] }, 'fits'],
  ['a pattern', { sub: ['repo:octo/ship:*'] }, 'fits'],
  ['a pattern in the middle', { sub: ['repo:octo/*:ref:refs/heads/main'] }, 'fits'],
  ['a pattern that must end otherwise', { sub: ['repo:octo/*:ref:refs/heads/mai'] }, 'claim_mismatch sub'],
  ['no expression of another kind', { repository: ['octo/.hip', 'octo/[s]hip', '(octo/ship)'] }, 'claim_mismatch repository'],
  ['a number', { run: ['17'] }, 'fits'],
  ['a truth', { protected: ['true'] }, 'fits'],
  ['one of a list', { groups: ['captains'] }, 'fits'],
  ['none of a list', { groups: ['admirals'] }, 'claim_mismatch groups'],
  ['what is nested', { nested: ['*'] }, 'claim_missing nested'],
  ['null', { nothing: ['*'] }, 'claim_missing nothing'],
  ['what is not there', { environment: ['*'] }, 'claim_missing environment'],
  ['what every object has', { constructor: ['*'] }, 'claim_missing constructor'],
  ['every one must fit', { repository: ['octo/ship'], run: ['18'] }, 'claim_mismatch run'],
]

test.each(rows)('%s', (_what, patterns, gives) => {
  const misfit = misfitOf(claims, trust(patterns))
  expect(misfit === undefined ? 'fits' : `${misfit.reason} ${misfit.claim}`).toBe(gives)
})

test.each([['*'], ['sally*'], ['Sallyport'], ['']])('the audience is no pattern: %s', (audience) => {
  expect(misfitOf(claims, trust({ repository: ['octo/ship'] }, audience))?.reason).toBe('audience_mismatch')
})

const text = fc.string({ maxLength: 12 })

test('a value fits itself, and a pattern that is made of it', () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (pieces, between) => {
      const value = pieces.map((piece) => piece.replaceAll('*', '')).join(between.replaceAll('*', ''))
      const pattern = pieces.map((piece) => piece.replaceAll('*', '')).join('*')
      expect(misfitOf({ aud: 'a', claim: value }, { audience: 'a', claims: { claim: [pattern] } })).toBeUndefined()
    }),
  )
})

test('a pattern without * fits nothing but itself', () => {
  fc.assert(
    fc.property(text, text, (pattern, value) => {
      fc.pre(!pattern.includes('*') && pattern !== '')
      const misfit = misfitOf({ aud: 'a', claim: value }, { audience: 'a', claims: { claim: [pattern] } })
      expect(misfit === undefined).toBe(pattern === value)
    }),
  )
})

test('patterns made to take long do not', () => {
  const patterns = Array.from({ length: 50 }, (_, at) => `${'*a'.repeat(240)}${at}`)
  const began = performance.now()
  misfitOf(
    { aud: 'a', claim: Array.from({ length: 200 }, () => 'a'.repeat(2_000)) },
    { audience: 'a', claims: { claim: patterns } },
  )
  expect(performance.now() - began).toBeLessThan(3_000)
})
