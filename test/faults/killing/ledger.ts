/**
 * What the server must be able to tell after a kill. Of each thing there is one value that was acknowledged, and for as long
 * as an attempt to change it has no answer, the value that it may have as well.
 */
export class Ledger {
  readonly #possible = new Map<string, Set<string>>()
  readonly #touched = new Set<string>()
  acknowledged = 0
  unanswered = 0

  /** Something that nobody has heard of has this value. */
  readonly #first: string

  constructor(first: string) {
    this.#first = first
  }

  /** Asks for a change, and notes what came of it. `undefined`: no answer, or none that says that it was done. */
  async change<Result>(key: string, value: string, ask: () => Promise<Result | undefined>): Promise<Result | undefined> {
    const possible = this.#possible.get(key) ?? new Set([this.#first])
    this.#possible.set(key, possible.add(value))
    this.#touched.add(key)
    const result = await ask()
    if (result === undefined) this.unanswered += 1
    else this.acknowledge(key, value)
    return result
  }

  acknowledge(key: string, value: string): void {
    this.#possible.set(key, new Set([value]))
    this.#touched.add(key)
    this.acknowledged += 1
  }

  /** The values that it may have; from now on it has the one that was seen. */
  settle(key: string, seen: string): readonly string[] {
    const possible = [...(this.#possible.get(key) ?? [this.#first])]
    this.#possible.set(key, new Set([seen]))
    return possible
  }

  get all(): readonly string[] {
    return [...this.#possible.keys()]
  }

  /** What was touched since this was asked last, and some of what was not. */
  takeDue(sample: number): readonly string[] {
    const touched = [...this.#touched]
    this.#touched.clear()
    const older = this.all.filter((key) => !touched.includes(key))
    return [...touched, ...older.sort(() => Math.random() - 0.5).slice(0, sample)]
  }
}
