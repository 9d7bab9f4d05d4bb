/** A `!reference [job, key]` that is not yet put in. */
export class Reference {
  readonly path: readonly string[]
  readonly written: string

  constructor(path: readonly string[]) {
    this.path = path
    this.written = `!reference ${JSON.stringify(path)}`
  }
}

/** What a configuration is made of. Maps, so that no key means anything to the language; shared parts are never changed. */
export type Value = null | boolean | number | string | readonly Value[] | Mapping | Reference
export type Mapping = ReadonlyMap<string, Value>

export const isMapping = (value: Value | undefined): value is Mapping => value instanceof Map
export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)
export const isText = (value: Value | undefined): value is string => typeof value === 'string'

export const emptyMapping: Mapping = new Map()

/** Later wins; mappings are merged key by key, all else is taken whole (Rails `deep_merge`). */
export const deepMerge = (base: Mapping, over: Mapping): Mapping => {
  const merged = new Map(base)
  for (const [key, value] of over) {
    const before = merged.get(key)
    merged.set(key, isMapping(before) && isMapping(value) ? deepMerge(before, value) : value)
  }
  return merged
}

/** What one scalar counts for: long texts count more, so that a few of them cannot be copied a million times. */
export const scalarSize = (value: Value): number => (typeof value === 'string' ? 1 + (value.length >> 5) : 1)

const children = (value: Value): Iterable<Value> => (isMapping(value) ? value.values() : isList(value) ? value : [])
const keysOf = (value: Value): Iterable<string> => (isMapping(value) ? value.keys() : [])

/** How much a value is with every shared part counted as often as it stands there; stops past `most`. */
export const sizeOf = (value: Value, most: number): number => {
  let size = 0
  const waiting: Value[] = [value]
  for (let next = waiting.pop(); next !== undefined && size <= most; next = waiting.pop()) {
    size += scalarSize(next)
    for (const key of keysOf(next)) size += key.length >> 5
    for (const child of children(next)) {
      waiting.push(child)
      if (waiting.length > most) return most + 1
    }
  }
  return size
}

/** Characters of one scalar in a line of its own, or in several, each of which is indented. */
const writtenLength = (value: Value, depth: number): number =>
  typeof value === 'string' ? value.length + value.split('\n').length * 2 * depth : 8 + 2 * depth

/** Characters that a value takes where it is written out, each shared part as often as it stands there; stops past `most`. */
export const writtenSize = (value: Value, most: number): number => {
  let size = 0
  const waiting: [Value, number][] = [[value, 0]]
  for (let next = waiting.pop(); next !== undefined && size <= most; next = waiting.pop()) {
    const [part, depth] = next
    size += writtenLength(part, depth)
    for (const key of keysOf(part)) size += key.length
    for (const child of children(part)) waiting.push([child, depth + 1])
  }
  return size
}
