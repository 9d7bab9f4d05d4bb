import { readExpression } from './expression.ts'
import { writtenPattern } from './pattern.ts'

const once = <Read>(read: (text: string) => Read): ((text: string) => Read) => {
  const known = new Map<string, { readonly read: Read }>()
  return (text) => {
    const found = known.get(text) ?? { read: read(text) }
    known.set(text, found)
    return found.read
  }
}

/** Characters of one sentence: names in it may be as long as the whole configuration. */
const longest = 1000

const cut = (sentence: string): string => (sentence.length > longest ? `${sentence.slice(0, longest)}…` : sentence)

/** Something is wrong with the configuration: its sentence is for who wrote it. Caught by `compile`, never seen outside. */
export class Invalid extends Error {
  constructor(sentence: string) {
    super(cut(sentence))
  }
}

/** What was found so far. Each sentence stands once, and no more than a screen of them. */
export class Findings {
  readonly #errors = new Set<string>()
  readonly #warnings = new Set<string>()
  /** What aliases and `extends` repeat is read once: read each time, a small file could ask for hours and all memory. */
  readonly expression = once(readExpression)
  readonly pattern = once(writtenPattern)

  error(sentence: string): void {
    if (this.#errors.size < 100) this.#errors.add(cut(sentence))
  }

  warn(sentence: string): void {
    if (this.#warnings.size < 100) this.#warnings.add(cut(sentence))
  }

  get errors(): readonly string[] {
    return [...this.#errors]
  }

  get warnings(): readonly string[] {
    return [...this.#warnings]
  }
}
