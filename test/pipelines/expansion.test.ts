import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inEnvironment } from '../../src/pipelines/environment-scope.ts'
import { Expansion } from '../../src/pipelines/expansion.ts'
import { slugOf } from '../../src/pipelines/slug.ts'
import { shown } from '../../src/pipelines/variable.ts'

const words = fc
  .array(fc.constantFrom('$', '%', '{', '}', '$A', '$B', '%C%', 'x', 'A', '$$'), { maxLength: 12 })
  .map((parts) => parts.join(''))

describe('expansion', () => {
  test('ends for whatever refers to whatever, keeps every key, and leaves alone what is raw', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ key: fc.constantFrom('A', 'B', 'C', 'D'), value: words, raw: fc.boolean() })), (list) => {
        const variables = list.map(({ key, value, raw }) => ({ ...shown(key, value), raw }))
        const last = new Map(variables.map((variable) => [variable.key, variable]))
        const all = new Expansion(variables).all()
        expect(new Set(all.map(({ key }) => key))).toEqual(new Set(last.keys()))
        for (const { key, value, raw } of all) if (raw) expect(value).toBe(last.get(key)?.value)
      }),
    )
  })

  test('of what refers to itself ends', () => {
    const variables = [
      { ...shown('A', '1$B'), raw: false },
      { ...shown('B', '2$A'), raw: false },
    ]
    expect(new Expansion(variables).expand('$A')).toBe('12$A')
  })

  test('never makes more than it may', () => {
    const variables = Array.from({ length: 200 }, (_, at) => ({
      ...shown(`V${at}`, at === 0 ? 'x'.repeat(1_000) : `$V${at - 1}`.repeat(60)),
      raw: false,
    }))
    const made = new Expansion(variables).all()
    expect(made.every(({ value }) => value.length <= 65_536)).toBe(true)
    expect(made.reduce((sum, { value }) => sum + value.length, 0)).toBeLessThan(5 * 2 ** 20)
  })
})

test('a slug is a part of a host name, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/.test(slugOf(text))),
  )
})

describe('environment scopes', () => {
  const cases: [scope: string, environment: string, fits: boolean][] = [
    ['*', 'anything', true],
    ['live', 'live', true],
    ['live', 'Live', false],
    ['live', 'alive', false],
    ['review/*', 'review/one', true],
    ['review/*', 'review/', true],
    ['review/*', 'review', false],
    ['*/live', 'eu/live', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'ac', false],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
  ]
  test.each(cases)('%s and %s: %s', (environment_scope, environment, fits) => {
    expect(inEnvironment([{ key: 'A', environment_scope }], environment)).toHaveLength(fits ? 1 : 0)
  })

  test('say as much as a pattern of the same words', () => {
    const scope = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((parts) => parts.join(''))
    const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(scope, name, (environment_scope, environment) => {
        const pattern = new RegExp(`^${environment_scope.replaceAll('*', '.*')}$`)
        const fits = inEnvironment([{ key: 'A', environment_scope }], environment).length === 1
        expect(fits).toBe(pattern.test(environment))
      }),
    )
  })
})
