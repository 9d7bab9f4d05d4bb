import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FormError, isUnreadable, parseForm } from '../../../src/http/api/form.ts'

describe('parseForm', () => {
  const cases: [string, object][] = [
    ['', {}],
    ['a=1&b=two+words', { a: '1', b: 'two words' }],
    ['a=1&a=2', { a: '2' }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[b]=1&a[c]=2', { a: { b: '1', c: '2' } }],
    ['a%5Bb%5D=%2F', { a: { b: '/' } }],
    ['a[b][c]=1', { a: { b: { c: '1' } } }],
    ['a[][b]=1&a[][c]=2&a[][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
    ['a[=1&]b=2', { 'a[': '1', ']b': '2' }],
    ['=x', {}],
  ]
  test.each(cases)('%s', (text, parsed) => {
    expect(JSON.parse(JSON.stringify(parseForm(text)))).toEqual(parsed)
  })

  const refused: [string, string][] = [
    ['a=1&a[b]=2', 'two forms'],
    ['a[]=1&a[b]=2', 'two forms'],
    [`a${'[b]'.repeat(9)}=1`, 'nested too deeply'],
    ['a=1&'.repeat(1001), 'too many'],
  ]
  test.each(refused)('refuses %.20s', (text, message) => {
    expect(() => parseForm(text)).toThrow(message)
  })

  test('no name reaches what all objects inherit', () => {
    const parsed = parseForm('__proto__[isAdmin]=1&constructor[prototype][isAdmin]=1')
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor'])
    expect('isAdmin' in {}).toBe(false)
  })

  test('anything is either read or refused', () => {
    const piece = fc.constantFrom('a', 'b', '[', ']', '[]', '&', '=', '%', '%5B', '%00', '__proto__')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          try {
            return typeof parseForm(text) === 'object'
          } catch (fault) {
            return fault instanceof FormError
          }
        },
      ),
    )
  })

  test('flat forms come back as they were', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), (values) => {
        const text = new URLSearchParams(values).toString()
        expect({ ...parseForm(text) }).toEqual({ ...values })
      }),
    )
  })
})

describe('isUnreadable', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 'x' : [deep(depth - 1)])
  const cases: [unknown, boolean][] = [
    ['text', false],
    ['a\0b', true],
    [{ a: [{ b: 'a\0' }] }, true],
    [{ 'a\0': 1 }, true],
    [deep(32), false],
    [deep(33), true],
    [null, false],
    [7, false],
  ]
  test.each(cases)('%#', (value, unreadable) => {
    expect(isUnreadable(value)).toBe(unreadable)
  })
})
