import { setTimeout as pause } from 'node:timers/promises'

/** Most that wait for one and the same, such as the password of one login. */
const mostForOne = 4

interface Waiting {
  readonly go: (turn: 'come' | 'leave') => void
}

/**
 * Work that is done a few at a time. Those who wait are taken in turn from each line, not in the order in which they
 * came, and where there is no room left the longest line gives its last place to a shorter one: whoever sends many
 * requests for one name keeps only itself waiting.
 */
export class FairLine {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #restsFrom: number
  readonly #lines = new Map<string | symbol, Waiting[]>()
  #running = 0
  #waiting = 0

  /** @param restsFrom with so many waiting, each piece of work is followed by a rest as long as it took */
  constructor(atOnce: number, mostWaiting: number, restsFrom = Number.POSITIVE_INFINITY) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
    this.#restsFrom = restsFrom
  }

  /** @param who in whose line to wait */
  async run<Result>(who: string | symbol, work: () => Promise<Result>): Promise<Result | 'busy'> {
    if (this.#running < this.#atOnce) this.#running += 1
    else if ((await this.#turn(who)) === 'leave') return 'busy'
    const begun = performance.now()
    try {
      return await work()
    } finally {
      this.#release(performance.now() - begun)
    }
  }

  #release(took: number): void {
    if (this.#waiting < this.#restsFrom) this.#callNext()
    else void pause(took).then(() => this.#callNext())
  }

  async #turn(who: string | symbol): Promise<'come' | 'leave'> {
    const line = this.#lines.get(who) ?? []
    if (line.length >= mostForOne || !this.#hasRoom(line.length)) return 'leave'
    return new Promise((go) => {
      line.push({ go })
      this.#lines.set(who, line)
      this.#waiting += 1
    })
  }

  #hasRoom(mine: number): boolean {
    if (this.#waiting < this.#mostWaiting) return true
    const longest = [...this.#lines.values()].reduce((one, other) => (other.length > one.length ? other : one), [])
    if (longest.length <= mine + 1) return false
    this.#waiting -= 1
    longest.pop()?.go('leave')
    return true
  }

  /** Hands the place that became free to the line that has waited longest for its turn; that line goes to the end. */
  #callNext(): void {
    const [first] = this.#lines
    if (first === undefined) {
      this.#running -= 1
      return
    }
    const [who, line] = first
    this.#lines.delete(who)
    const next = line.shift()
    if (line.length > 0) this.#lines.set(who, line)
    this.#waiting -= 1
    next?.go('come')
  }
}
