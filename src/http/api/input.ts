import { z } from 'zod'
import { type ApiError, parameterError, validation } from './errors.ts'

/** Characters that a string parameter may have, unless its schema says otherwise. */
const usualLength = 255

type Issue = { readonly code?: string | undefined; readonly input?: unknown }

/** Grape's words for what is wrong with a parameter. */
const wordFor = (issue: Issue): string => {
  if (issue.input === undefined || issue.input === null) return 'is missing'
  return issue.code === 'invalid_value' ? 'does not have a valid value' : 'is invalid'
}

/** `['a', 0, 'b']` → `a[0][b]`. A bad item of a plain list makes the list bad: `['a', 0]` → `a`. */
const nameOf = (path: readonly PropertyKey[]): string =>
  (typeof path.at(-1) === 'number' ? path.slice(0, -1) : path)
    .map((word, index) => (index === 0 ? String(word) : `[${String(word)}]`))
    .join('')

const tooLong = (most: number): string => `is too long (maximum is ${most} characters)`

/** GitLab looks at the length of a text only when it makes the record of it, after all that Grape looks at. */
const isOfRecord = ({ message }: { readonly message: string }): boolean => message.startsWith('is too long (')

const errorFor = ({ issues }: z.ZodError): ApiError => {
  const lines = issues.filter((issue) => !isOfRecord(issue)).map((issue) => `${nameOf(issue.path)} ${issue.message}`)
  if (lines.length > 0) return parameterError([...new Set(lines)].join(', '))
  return validation(Object.fromEntries(issues.map((issue) => [nameOf(issue.path), [issue.message]])))
}

/** Checks a request's parameters; what the schema does not name is left out. Throws Grape's one line, or what a record says (400). */
export const readInput = <Value>(schema: z.ZodType<Value>, raw: unknown): Value => {
  const result = schema.safeParse(raw, { error: wordFor, reportInput: false })
  if (result.success) return result.data
  throw errorFor(result.error)
}

const scalarToText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value

/** Some text, of at most `most` characters. */
export const text = (most = usualLength): z.ZodType<string> => z.preprocess(scalarToText, z.string().max(most, tooLong(most)))

/** Text that is not blank. */
export const filledText = (most = usualLength): z.ZodType<string> =>
  z.preprocess(
    scalarToText,
    z
      .string()
      .max(most, tooLong(most))
      .refine((value) => value.trim() !== '', 'is empty')
      .meta({ minLength: 1 }),
  )

/** A parameter that may be left out; `null` and an empty string count as left out. */
export const optional = <Value>(schema: z.ZodType<Value>): z.ZodType<Value | undefined> =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional())

/** A text that may be left out; an empty string is a value of its own. */
export const optionalText = (most = usualLength): z.ZodType<string | undefined> =>
  z.preprocess((value) => (value === null ? undefined : value), text(most).optional())

const wholeNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value

/** A whole number, also as a string. */
export const whole = (): z.ZodType<number> => z.preprocess(wholeNumber, z.int())

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  '1': true,
  on: true,
  yes: true,
  y: true,
  false: false,
  f: false,
  '0': false,
  off: false,
  no: false,
  n: false,
}

/** A boolean, also as `true`, `"true"`, `"1"`, `1`. */
export const flag = (): z.ZodType<boolean> =>
  z.preprocess((value) => {
    const word = typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : undefined
    return word !== undefined && Object.hasOwn(flags, word) ? flags[word] : value
  }, z.boolean())

/** One of some words. */
export const oneOf = <const Word extends string>(words: readonly Word[]): z.ZodType<Word> => z.enum(words)

/** One of some numbers, such as access levels. */
export const oneNumberOf = <const Level extends number>(levels: readonly Level[]): z.ZodType<Level> =>
  z.preprocess(wholeNumber, z.literal(levels))

const asItems = (value: unknown): unknown => {
  if (typeof value === 'number') return [value]
  if (typeof value !== 'string') return value
  return value === '' ? [] : value.split(',').map((item) => item.trim())
}

/** In a schema's metadata: the list may also come as one text, its items parted by commas. */
export const commaList = 'x-comma-list'

/** A list: `a[]=x`, a JSON array, or one string with commas. */
export const list = <Value>(item: z.ZodType<Value>, most = 100): z.ZodType<Value[]> =>
  z.preprocess(asItems, z.array(item).max(most)).meta({ [commaList]: true })

/** A list that is not taken as one string: `a[]=x` or a JSON array; of objects `a[][b]=x` too. */
export const objects = <Value>(item: z.ZodType<Value>, most = 100): z.ZodType<Value[]> => z.array(item).max(most)

const dayForm = /^(\d{4})([-/]?)(\d{2})\2(\d{2})$/
const timeForm = /^[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})| (\d{2}:\d{2}))?$/

/** The day that a text begins with, as `YYYY-MM-DD`, and what follows; undefined where there is no such day. */
const dayIn = (value: string): { readonly day: string; readonly rest: string } | undefined => {
  const [written = '', rest = ''] = [/^[\d/-]{8,10}/.exec(value)?.[0], value.replace(/^[\d/-]{8,10}/, '')]
  const [, year, , month, date] = dayForm.exec(written) ?? []
  const time = Date.parse(`${year}-${month}-${date}`)
  const day = Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10)
  return day === `${year}-${month}-${date}` ? { day, rest } : undefined
}

/**
 * A time as Ruby reads it, in the forms that are in use: ISO 8601, a blank for `T` and before the zone, `UTC`, and a zone
 * whose plus sign a query made a blank. Without a zone it is UTC. Undefined where it is none.
 */
const validTime = (value: string): { readonly day: string; readonly at: number } | undefined => {
  const found = dayIn(value)
  if (found === undefined) return undefined
  const { day, rest } = found
  const [matched, clock = '00:00', zone = 'Z', ahead] = timeForm.exec(rest) ?? []
  if (matched === undefined && rest !== '') return undefined
  const at = Date.parse(`${day}T${clock}${ahead === undefined ? zone.replace(/^(?:UTC|GMT)$/, 'Z') : `+${ahead}`}`)
  return Number.isNaN(at) ? undefined : { day, at }
}

const timeText = z.string().refine((value) => validTime(value) !== undefined, 'is invalid')

/** A day, `YYYY-MM-DD`; of a longer time the day is taken as it is written. */
export const day = (): z.ZodType<string> => timeText.transform((value) => validTime(value)?.day ?? '').meta({ format: 'date' })

/** A moment, kept as ISO 8601 in UTC with milliseconds; a bare day is its first moment. */
export const moment = (): z.ZodType<string> =>
  timeText.transform((value) => new Date(validTime(value)?.at ?? 0).toISOString()).meta({ format: 'date-time' })

/** A number that stands in the path. Throws Grape's 400 where it is none. */
export const numberIn = (word: string, name: string): number => {
  if (/^\d{1,15}$/.test(word)) return Number(word)
  throw parameterError(`${name} is invalid`)
}
