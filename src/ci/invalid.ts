/** Something is wrong with the configuration: its sentence is for who wrote it. Caught by `compile`, never seen outside. */
export class Invalid extends Error {}

/** What was found so far. Each sentence stands once, and no more than a screen of them. */
export class Findings {
  readonly #errors = new Set<string>()
  readonly #warnings = new Set<string>()

  error(sentence: string): void {
    if (this.#errors.size < 100) this.#errors.add(sentence)
  }

  warn(sentence: string): void {
    if (this.#warnings.size < 100) this.#warnings.add(sentence)
  }

  get errors(): readonly string[] {
    return [...this.#errors]
  }

  get warnings(): readonly string[] {
    return [...this.#warnings]
  }
}
