/** How often something came out of an attack. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(what: string | number): void {
    this.#counts.set(String(what), (this.#counts.get(String(what)) ?? 0) + 1)
  }

  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort())
  }
}
