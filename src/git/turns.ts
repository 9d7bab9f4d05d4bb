/**
 * Work of which a process does so many pieces in one turn of its loop, and the next in the next, so that nobody else waits
 * for all of it.
 */
export class Turns {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #given = 0
  #isTurning = false

  constructor(most: number) {
    this.#most = most
  }

  /** Leave to do one piece: undefined where it may be done now, else it is waited for, in the order of asking. */
  next(): Promise<void> | undefined {
    this.#turnLater()
    if (this.#given < this.#most && this.#waiting.length === 0) {
      this.#given += 1
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  readonly #begin = (): void => {
    this.#isTurning = false
    const next = this.#waiting.splice(0, this.#most)
    this.#given = next.length
    if (this.#given > 0) this.#turnLater()
    for (const go of next) go()
  }

  #turnLater(): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(this.#begin)
  }
}
