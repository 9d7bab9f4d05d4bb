type Accepts = (code: number) => boolean

/** A regular expression as a tree. */
export type PatternNode =
  /** `cost`: how many questions one code asks of it at most. */
  | { readonly kind: 'one'; readonly accepts: Accepts; readonly cost: number }
  | { readonly kind: 'assert'; readonly what: 'start' | 'end' | 'line-start' | 'line-end' | 'word' | 'no-word' }
  | { readonly kind: 'all'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'any'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number }

export interface Flags {
  readonly ignoreCase: boolean
  readonly lines: boolean
  readonly dotAll: boolean
}

/** Where a pattern cannot be read, or holds what a matcher in linear time cannot do (RE2 refuses the same). */
export class BadPattern extends Error {}

const mostDepth = 50

export const isWord: Accepts = (code) =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
const isDigit: Accepts = (code) => code >= 48 && code <= 57
const isSpace: Accepts = (code) => code === 32 || (code >= 9 && code <= 13)
const not =
  (accepts: Accepts): Accepts =>
  (code) =>
    !accepts(code)

const classes: Readonly<Record<string, Accepts>> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
  h: (code) => /[0-9a-f]/i.test(String.fromCodePoint(code)),
}
const controls: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v' }

/** Reads one pattern. Throws `BadPattern`. */
export class PatternReader {
  readonly #signs: readonly string[]
  readonly #flags: Flags
  #at = 0

  constructor(source: string, flags: Flags) {
    this.#signs = [...source]
    this.#flags = flags
  }

  read(): PatternNode {
    const node = this.#choice(0)
    if (this.#at < this.#signs.length) throw new BadPattern('unmatched )')
    return node
  }

  get #next(): string | undefined {
    return this.#signs[this.#at]
  }

  #take(): string {
    const sign = this.#signs[this.#at]
    if (sign === undefined) throw new BadPattern('unexpected end')
    this.#at += 1
    return sign
  }

  #skip(text: string): boolean {
    const found = [...text].every((sign, offset) => this.#signs[this.#at + offset] === sign)
    if (found) this.#at += [...text].length
    return found
  }

  #choice(depth: number): PatternNode {
    if (depth > mostDepth) throw new BadPattern('nested too deep')
    const parts = [this.#sequence(depth)]
    while (this.#skip('|')) parts.push(this.#sequence(depth))
    return { kind: 'any', parts }
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = []
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') parts.push(this.#repeated(depth))
    return { kind: 'all', parts }
  }

  #repeated(depth: number): PatternNode {
    const part = this.#atom(depth)
    const count = this.#count()
    if (count === undefined) return part
    if (part.kind === 'assert') throw new BadPattern('nothing to repeat')
    this.#skip('?')
    if (this.#count() !== undefined) throw new BadPattern('repeated twice')
    return { kind: 'repeat', part, least: count[0], most: count[1] }
  }

  #count(): readonly [number, number] | undefined {
    if (this.#skip('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#skip('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#skip('?')) return [0, 1]
    const [whole, least, comma, most] =
      /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#signs.slice(this.#at, this.#at + 12).join('')) ?? []
    if (whole === undefined) return undefined
    this.#at += whole.length
    const [low, high] = [Number(least), most ? Number(most) : comma ? Number.POSITIVE_INFINITY : Number(least)]
    if (low > high) throw new BadPattern('a repetition that ends before it begins')
    return [low, high]
  }

  #atom(depth: number): PatternNode {
    const sign = this.#take()
    if (sign === '(') return this.#group(depth)
    if (sign === '[') return this.#set()
    if (sign === '.') return { kind: 'one', accepts: this.#flags.dotAll ? () => true : (code) => code !== 10, cost: 1 }
    if (sign === '^') return { kind: 'assert', what: this.#flags.lines ? 'line-start' : 'start' }
    if (sign === '$') return { kind: 'assert', what: this.#flags.lines ? 'line-end' : 'end' }
    if (sign === '\\') return this.#escaped()
    if (sign === '*' || sign === '+' || sign === '?') throw new BadPattern('nothing to repeat')
    return this.#literal(sign)
  }

  #group(depth: number): PatternNode {
    if (this.#next === '?' && !this.#skip('?:')) throw new BadPattern('a group of a kind that is not supported')
    const node = this.#choice(depth + 1)
    if (!this.#skip(')')) throw new BadPattern('missing )')
    return node
  }

  #escaped(): PatternNode {
    const sign = this.#take()
    const accepts = Object.hasOwn(classes, sign) ? classes[sign] : undefined
    if (accepts !== undefined) return { kind: 'one', accepts, cost: 1 }
    if (sign === 'A') return { kind: 'assert', what: 'start' }
    if (sign === 'z' || sign === 'Z') return { kind: 'assert', what: 'end' }
    if (sign === 'b') return { kind: 'assert', what: 'word' }
    if (sign === 'B') return { kind: 'assert', what: 'no-word' }
    return this.#literal(literalOf(sign))
  }

  #literal(sign: string): PatternNode {
    const wanted = sign.codePointAt(0)
    return this.#one((code) => code === wanted, 1)
  }

  #one(accepts: Accepts, cost: number): PatternNode {
    if (!this.#flags.ignoreCase) return { kind: 'one', accepts, cost }
    const both: Accepts = (code) => {
      const sign = String.fromCodePoint(code)
      return (
        accepts(code) || accepts(sign.toLowerCase().codePointAt(0) ?? code) || accepts(sign.toUpperCase().codePointAt(0) ?? code)
      )
    }
    return { kind: 'one', accepts: both, cost: 3 * cost + 4 }
  }

  #set(): PatternNode {
    const isNegated = this.#skip('^')
    const parts: Accepts[] = []
    while (parts.length === 0 || this.#next !== ']') parts.push(this.#range())
    this.#take()
    const accepts: Accepts = (code) => parts.some((part) => part(code))
    return this.#one(isNegated ? not(accepts) : accepts, parts.length)
  }

  #range(): Accepts {
    const from = this.#inSet()
    if (typeof from !== 'number') return from
    if (this.#next !== '-' || this.#signs[this.#at + 1] === ']') return (code) => code === from
    this.#take()
    const to = this.#inSet()
    if (typeof to !== 'number' || to < from) throw new BadPattern('a range that ends before it begins')
    return (code) => code >= from && code <= to
  }

  #inSet(): number | Accepts {
    const sign = this.#take()
    if (sign === '[' && this.#next === ':') throw new BadPattern('a class of a kind that is not supported')
    if (sign !== '\\') return sign.codePointAt(0) ?? 0
    const escaped = this.#take()
    const accepts = Object.hasOwn(classes, escaped) ? classes[escaped] : undefined
    return accepts ?? literalOf(escaped).codePointAt(0) ?? 0
  }
}

const literalOf = (sign: string): string => {
  if (Object.hasOwn(controls, sign)) return controls[sign] ?? sign
  if (/[0-9A-Za-z]/.test(sign)) throw new BadPattern(`\\${sign} is not supported`)
  return sign
}
