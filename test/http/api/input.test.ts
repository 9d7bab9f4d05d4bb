import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ApiError } from '../../../src/http/api/errors.ts'
import {
  day,
  filledText,
  flag,
  list,
  moment,
  numberIn,
  objects,
  oneNumberOf,
  oneOf,
  optional,
  optionalText,
  readInput,
  text,
  whole,
} from '../../../src/http/api/input.ts'

const problem = (schema: z.ZodType<unknown>, raw: unknown): unknown => {
  try {
    readInput(schema, raw)
    return undefined
  } catch (fault) {
    if (fault instanceof ApiError) return fault.body
    throw fault
  }
}

describe('what is taken', () => {
  const cases: [string, z.ZodType<unknown>, unknown, unknown][] = [
    ['a text', text(), 'x', 'x'],
    ['a number as text', text(), 7, '7'],
    ['a blank text', text(), '', ''],
    ['a whole number', whole(), '12', 12],
    ['a negative one', whole(), '-3', -3],
    ['a switch', flag(), 'TRUE', true],
    ['a switch as number', flag(), 0, false],
    ['a word', oneOf(['a', 'b']), 'b', 'b'],
    ['a level', oneNumberOf([10, 20]), '20', 20],
    ['a list', list(text()), ['a', 'b'], ['a', 'b']],
    ['a list with commas', list(text()), 'a, b', ['a', 'b']],
    ['a list of numbers', list(whole()), '1,2', [1, 2]],
    ['a lone number as list', list(whole()), 5, [5]],
    ['an empty list', list(text()), '', []],
    ['a day', day(), '2026-02-28', '2026-02-28'],
    ['the day of a time', day(), '2026-02-28T23:59:59+02:00', '2026-02-28'],
    ['a moment', moment(), '2026-02-28T10:00:00+02:00', '2026-02-28T08:00:00.000Z'],
    ['a moment without zone', moment(), '2026-02-28 10:00:00', '2026-02-28T10:00:00.000Z'],
    ['a moment as Ruby prints it', moment(), '2026-02-28 10:00:00 +0200', '2026-02-28T08:00:00.000Z'],
    ['a moment in UTC by name', moment(), '2026-02-28 10:00:00 UTC', '2026-02-28T10:00:00.000Z'],
    ['a zone whose plus sign became a blank', moment(), '2026-02-28T10:00:00 02:00', '2026-02-28T08:00:00.000Z'],
    ['a moment with parts of a second', moment(), '2026-02-28T10:00:00.123456-01:00', '2026-02-28T11:00:00.123Z'],
    ['a day with slashes', day(), '2026/02/28', '2026-02-28'],
    ['a day without signs', day(), '20260228', '2026-02-28'],
    ['the start of a day', moment(), '2026-02-28', '2026-02-28T00:00:00.000Z'],
    ['nothing', optional(whole()), '', undefined],
    ['null', optional(day()), null, undefined],
    ['an empty text', optionalText(), '', ''],
  ]
  test.each(cases)('%s', (_name, schema, raw, value) => {
    expect(readInput(z.object({ p: schema }), { p: raw })).toEqual({ p: value })
  })

  test('what is not asked for is left out', () => {
    expect(readInput(z.object({ a: optional(text()) }), { b: 1, __proto__: null })).toEqual({ a: undefined })
  })
})

describe('what is refused, in Grape’s words', () => {
  const cases: [string, z.ZodType<unknown>, unknown, string][] = [
    ['nothing', text(), undefined, 'p is missing'],
    ['null', text(), null, 'p is missing'],
    ['an object', text(), {}, 'p is invalid'],
    ['a blank one', filledText(), '  ', 'p is empty'],
    ['a fraction', whole(), '1.5', 'p is invalid'],
    ['a huge number', whole(), '9'.repeat(40), 'p is invalid'],
    ['a word for a number', whole(), 'one', 'p is invalid'],
    ['a word for a switch', flag(), 'maybe', 'p is invalid'],
    ['another word', oneOf(['a']), 'b', 'p does not have a valid value'],
    ['another level', oneNumberOf([10]), 11, 'p does not have a valid value'],
    ['a bad item', list(oneOf(['a'])), ['a', 'b'], 'p does not have a valid value'],
    ['too many items', list(text(), 2), 'a,b,c', 'p is invalid'],
    ['a text for a list', objects(text()), 'a', 'p is invalid'],
    ['a bad field of an item', objects(z.object({ q: whole() })), [{ q: 'x' }], 'p[0][q] is invalid'],
    ['no day', day(), '2026-02-30', 'p is invalid'],
    ['a day of another form', day(), '1.2.2026', 'p is invalid'],
    ['a day of mixed signs', day(), '2026-02/28', 'p is invalid'],
    ['a day with a tail', day(), '2026-02-28x', 'p is invalid'],
    ['a number for a day', day(), 20260228, 'p is invalid'],
    ['no zone', moment(), '2026-01-01T10:00:00 CET', 'p is invalid'],
    ['no hour', moment(), '2026-01-01T25:00:00Z', 'p is invalid'],
  ]
  test.each(cases)('%s', (_name, schema, raw, error) => {
    expect(problem(z.object({ p: schema }), { p: raw })).toEqual({ error })
  })

  test('all of them in one line', () => {
    expect(problem(z.object({ name: text(), scopes: list(text()), n: optional(whole()) }), { n: 'x' })).toEqual({
      error: 'name is missing, scopes is missing, n is invalid',
    })
  })

  test('a text that is too long, in the words of a record, once all else is right', () => {
    const schema = z.object({ title: text(3), n: optional(whole()) })
    expect(problem(schema, { title: 'four' })).toEqual({ message: { title: ['is too long (maximum is 3 characters)'] } })
    expect(problem(schema, { title: 'four', n: 'x' })).toEqual({ error: 'n is invalid' })
  })
})

test('a number in a path', () => {
  expect(numberIn('12', 'id')).toBe(12)
  for (const word of ['', '-1', '1e3', '0x1', 'a', '9'.repeat(16)]) expect(() => numberIn(word, 'id')).toThrow(ApiError)
})

test('whatever comes, a schema answers with a value or a refusal', () => {
  const schema = z.object({
    a: optional(text()),
    b: optional(whole()),
    c: optional(flag()),
    d: optional(day()),
    e: optional(moment()),
    f: optional(list(oneOf(['x', 'y']))),
    g: optional(objects(z.object({ h: optional(whole()) }))),
  })
  const value = fc.oneof(fc.anything(), fc.string(), fc.integer(), fc.constantFrom('2026-01-01', 'x,y', '', null))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), value), (raw) => {
      const answer = problem(schema, raw)
      expect(answer === undefined || typeof answer === 'object').toBe(true)
    }),
  )
})
