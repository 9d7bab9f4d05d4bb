interface Wildcard<Value> {
  readonly first: string
  readonly middle: readonly string[]
  readonly last: string
  /** The length of the shortest name that it may match. */
  readonly shortest: number
  /** What a comparison of its end costs, and what a search for its middle costs for each character of a name. */
  readonly effort: number
  readonly effortInside: number
  readonly value: Value
}

/**
 * What one index may spend, in steps of about ten nanoseconds. Whoever has a project of its own chooses both the
 * patterns and the names, and so could hold up everyone else.
 */
const mostEffort = 50_000_000

const takeApart = <Value>(pattern: string, value: Value): Wildcard<Value> => {
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  const lengths = middle.map((piece) => piece.length)
  const ends = first.length + last.length
  return {
    first,
    middle,
    last,
    shortest: lengths.reduce((sum, length) => sum + length, ends),
    effort: 2 + last.length / 16,
    effortInside: middle.length === 0 ? 0 : Math.max(0.5, ...lengths.map((length) => length / 64)),
    value,
  }
}

const fitsEnd = ({ last, shortest }: Wildcard<unknown>, name: string): boolean => name.length >= shortest && name.endsWith(last)

/** Each piece at the first place behind the one before it: where that fails, no other choice would do. */
const fitsInside = ({ first, middle, last }: Wildcard<unknown>, name: string): boolean => {
  let at = first.length
  const end = name.length - last.length
  for (const piece of middle) {
    const found = name.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

type Entry<Value> = readonly [pattern: string, value: Value]

const byFirst = <Value>(wildcards: readonly Wildcard<Value>[]): ReadonlyMap<string, readonly Wildcard<Value>[]> =>
  Map.groupBy(wildcards, ({ first }) => first)

/**
 * The patterns of protection rules, each with what it stands for: exact names, or `*` for any run of characters. Made
 * once for many names: exact ones are looked up, and so are the beginnings of the others.
 */
export class PatternIndex<Value> {
  readonly #exact: ReadonlyMap<string, readonly Entry<Value>[]>
  readonly #wildcards: ReadonlyMap<string, readonly Wildcard<Value>[]>
  /** How long their beginnings are. */
  readonly #lengths: readonly number[]
  #effort = 0

  constructor(entries: readonly Entry<Value>[]) {
    const isWildcard = ([pattern]: Entry<Value>): boolean => pattern.includes('*')
    const exact = entries.filter((entry) => !isWildcard(entry))
    this.#exact = Map.groupBy(exact, ([pattern]) => pattern)
    this.#wildcards = byFirst(entries.filter(isWildcard).map(([pattern, value]) => takeApart(pattern, value)))
    this.#lengths = [...new Set([...this.#wildcards.keys()].map((first) => first.length))]
  }

  /** What stands for a name; `too-much` once all the names so far have cost more than one may ask. */
  matching(name: string): readonly Value[] | 'too-much' {
    const found = (this.#exact.get(name) ?? []).map(([, value]) => value)
    for (const length of this.#lengths) {
      this.#effort += 4 + length / 16
      for (const wildcard of this.#wildcards.get(name.slice(0, length)) ?? []) {
        if (this.#matches(wildcard, name)) found.push(wildcard.value)
      }
    }
    return this.#effort > mostEffort ? 'too-much' : found
  }

  #matches(wildcard: Wildcard<Value>, name: string): boolean {
    this.#effort += wildcard.effort
    if (!fitsEnd(wildcard, name)) return false
    this.#effort += wildcard.effortInside * name.length + wildcard.middle.length
    return this.#effort <= mostEffort && fitsInside(wildcard, name)
  }
}
