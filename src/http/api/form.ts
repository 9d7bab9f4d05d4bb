/** A parameter as the wire brings it: a string from a form or a query, anything from JSON. */
export type Parameters = { [name: string]: unknown }

/** A form that cannot be read; the message is for the client. */
export class FormError extends Error {}

const mostParameters = 1000
const mostDepth = 8
const mostJsonDepth = 32

const bare = (): Parameters => Object.create(null) as Parameters

const isNested = (value: unknown): value is Parameters => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `a[b][]` → `a`, `b`, and an empty word for the list. A name whose brackets do not match stands for itself. */
const wordsOf = (name: string): readonly string[] => {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name)
  if (match?.[1] === undefined || match[2] === undefined) return [name]
  const words = [match[1], ...match[2].slice(1, -1).split('][')]
  if (words.length > mostDepth) throw new FormError('parameters are nested too deeply')
  return words
}

const nestedAt = (into: Parameters, word: string): Parameters => {
  const found = into[word] ?? bare()
  if (!isNested(found)) throw new FormError(`parameter ${word} is given in two forms`)
  into[word] = found
  return found
}

const listAt = (into: Parameters, word: string): unknown[] => {
  const found = into[word] ?? []
  if (!Array.isArray(found)) throw new FormError(`parameter ${word} is given in two forms`)
  into[word] = found
  return found
}

/** In `a[][b]=1&a[][c]=2&a[][b]=3` a name that comes again begins the next item. */
const itemFor = (list: unknown[], next: string | undefined): Parameters => {
  const last = list.at(-1)
  if (isNested(last) && next !== undefined && !(next in last)) return last
  const item = bare()
  list.push(item)
  return item
}

const put = (into: Parameters, words: readonly string[], value: string): void => {
  const [word = '', next, ...rest] = words
  if (next === undefined) into[word] = value
  else if (next !== '') put(nestedAt(into, word), [next, ...rest], value)
  else if (rest.length === 0) listAt(into, word).push(value)
  else put(itemFor(listAt(into, word), rest[0]), rest, value)
}

/** Puts names and values together, with nested names, as Rack does. Bounded in count and depth. */
export const formOf = (pairs: readonly (readonly [string, string])[]): Parameters => {
  if (pairs.length > mostParameters) throw new FormError('too many parameters')
  const form = bare()
  for (const [name, value] of pairs) if (name !== '') put(form, wordsOf(name), value)
  return form
}

/** Reads a query string or form body. */
export const parseForm = (text: string): Parameters => formOf([...new URLSearchParams(text)])

/** Whether a string anywhere in a request holds NUL, or JSON is nested beyond reason: neither is looked at further. */
export const isUnreadable = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  if (depth >= mostJsonDepth) return true
  return Object.entries(value).some(([name, inner]) => name.includes('\0') || isUnreadable(inner, depth + 1))
}
