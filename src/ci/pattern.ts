import { BadPattern, type Flags, isWord, type PatternNode, PatternReader } from './pattern-syntax.ts'

const mostSource = 1024
const mostSteps = 2000
const mostText = 65_536

type Assertion = Extract<PatternNode, { kind: 'assert' }>['what']

type Step =
  | Extract<PatternNode, { kind: 'one' | 'assert' }>
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  | { readonly kind: 'found' }

/** The patterns of a configuration take longer than it may. */
export class TooMuchEffort extends Error {}

/** How much all patterns of one configuration may do together, in steps of the machine. */
export class Effort {
  #left: number

  constructor(left = 10_000_000) {
    this.#left = left
  }

  /** Throws `TooMuchEffort` once it is used up. */
  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new TooMuchEffort()
  }
}

/**
 * How many steps `Program` makes of a pattern at most; known before they are made, since a short pattern may ask for many.
 * Nothing counts as a step too, since to repeat it takes time as well.
 */
const stepsOf = (node: PatternNode): number => {
  if (node.kind === 'repeat') {
    const [part, more] = [stepsOf(node.part), node.most - node.least]
    return Math.max(1, node.least * part + (Number.isFinite(more) ? more * (part + 1) : part + 2))
  }
  if (node.kind === 'all')
    return Math.max(
      1,
      node.parts.reduce((sum, part) => sum + stepsOf(part), 0),
    )
  if (node.kind === 'any') return node.parts.reduce((sum, part) => sum + stepsOf(part) + 1, node.parts.length > 1 ? 1 : -1)
  return 1
}

/** Steps of a machine that is in many of them at once (Thompson), so that no text makes it slow. */
class Program {
  readonly steps: Step[] = []

  add(step: Step): number {
    return this.steps.push(step) - 1
  }

  emit(node: PatternNode): void {
    if (node.kind === 'repeat') this.#repeat(node)
    else if (node.kind === 'all') for (const part of node.parts) this.emit(part)
    else if (node.kind === 'any') this.#any(node.parts)
    else this.add(node)
  }

  #any(parts: readonly PatternNode[]): void {
    const [only] = parts
    if (parts.length === 1 && only !== undefined) {
      this.emit(only)
      return
    }
    const fork = this.add({ kind: 'fork', to: [] })
    const begins: number[] = []
    const ends: number[] = []
    for (const part of parts) {
      begins.push(this.steps.length)
      this.emit(part)
      ends.push(this.add({ kind: 'fork', to: [] }))
    }
    this.steps[fork] = { kind: 'fork', to: begins }
    for (const end of ends) this.steps[end] = { kind: 'fork', to: [this.steps.length] }
  }

  #repeat({ part, least, most }: Extract<PatternNode, { kind: 'repeat' }>): void {
    for (let count = 0; count < least; count += 1) this.emit(part)
    if (most === Number.POSITIVE_INFINITY) {
      const fork = this.add({ kind: 'fork', to: [] })
      this.emit(part)
      this.add({ kind: 'fork', to: [fork] })
      this.steps[fork] = { kind: 'fork', to: [fork + 1, this.steps.length] }
      return
    }
    const forks: number[] = []
    for (let count = least; count < most; count += 1) {
      forks.push(this.add({ kind: 'fork', to: [] }))
      this.emit(part)
    }
    for (const fork of forks) this.steps[fork] = { kind: 'fork', to: [fork + 1, this.steps.length] }
  }
}

const holds = (what: Assertion, codes: readonly number[], at: number): boolean => {
  const [before, after] = [codes[at - 1], codes[at]]
  const isEdge = (before !== undefined && isWord(before)) !== (after !== undefined && isWord(after))
  if (what === 'start') return before === undefined
  if (what === 'end') return after === undefined
  if (what === 'line-start') return before === undefined || before === 10
  if (what === 'line-end') return after === undefined || after === 10
  return what === 'word' ? isEdge : !isEdge
}

/** The steps that can be come to without reading anything. */
const reach = (
  steps: readonly Step[],
  from: readonly number[],
  codes: readonly number[],
  position: number,
): readonly number[] => {
  const reached = new Set<number>(from)
  for (const index of reached) {
    const step = steps[index]
    if (step?.kind === 'fork') for (const target of step.to) reached.add(target)
    else if (step?.kind === 'assert' && holds(step.what, codes, position)) reached.add(index + 1)
  }
  return [...reached]
}

/** A regular expression that needs time only in proportion to the text, as RE2's do. */
export class Pattern {
  readonly #node: PatternNode
  readonly #size: number

  private constructor(node: PatternNode, size: number) {
    this.#node = node
    this.#size = size
  }

  /** Undefined for what is no pattern, is too large, or needs more than linear time (backreferences, lookaround). */
  static read(source: string, flags: string): Pattern | undefined {
    if (source.length > mostSource) return undefined
    const known: Flags = { ignoreCase: flags.includes('i'), lines: flags.includes('m'), dotAll: flags.includes('s') }
    try {
      const node = new PatternReader(source, known).read()
      const size = stepsOf(node) + 1
      return size > mostSteps ? undefined : new Pattern(node, size)
    } catch (fault) {
      if (fault instanceof BadPattern) return undefined
      throw fault
    }
  }

  /** Whether it is found anywhere in the text. A longer text than it looks at holds nothing. Throws `TooMuchEffort`. */
  isIn(text: string, effort: Effort): boolean {
    if (text.length > mostText) return false
    effort.spend(this.#size + text.length)
    const steps = this.#steps()
    const codes = Array.from(text, (sign) => sign.codePointAt(0) ?? 0)
    let at = new Set<number>()
    for (let position = 0; position <= codes.length; position += 1) {
      const reached = reach(steps, [...at, 0], codes, position)
      at = new Set()
      const code = codes[position]
      for (const index of reached) {
        const step = steps[index]
        effort.spend(step?.kind === 'one' ? step.cost : 1)
        if (step?.kind === 'found') return true
        if (step?.kind === 'one' && code !== undefined && step.accepts(code)) at.add(index + 1)
      }
    }
    return false
  }

  /** Made anew for each text: kept, those of one configuration could fill the memory. */
  #steps(): readonly Step[] {
    const program = new Program()
    program.emit(this.#node)
    program.add({ kind: 'found' })
    return program.steps
  }
}

/** `/source/flags`, as GitLab lets it be written; undefined for all else, and for patterns that are not taken. */
export const writtenPattern = (text: string): Pattern | undefined => {
  const end = text.lastIndexOf('/')
  if (!text.startsWith('/') || end < 1 || text.length > 2 * mostSource) return undefined
  const flags = text.slice(end + 1)
  if (!/^[ismU]{0,4}$/.test(flags)) return undefined
  return Pattern.read(text.slice(1, end).replaceAll('\\/', '/'), flags)
}
