import type { Clock } from '../../core/clock.ts'
import { type Census, evict, takeCensus } from './census.ts'
import type { Layout } from './layout.ts'

export interface RoomLimits {
  /** Bytes of all files together, over all processes. */
  readonly bytes: number
  /** Answers that are kept, however small they are. */
  readonly answers: number
  /** How long an answer is kept that nobody asks for, in milliseconds. */
  readonly age: number
}

/** A making takes room in this many steps at most. */
const steps = 64
const longestFirstStep = 2 ** 20

/** Small answers are made before anybody counts; what is left free for them, as a part of the limit. */
const freePart = 1 / 8

/** How long small answers wait to be counted together, in milliseconds. */
const tidyPause = 1_000

/** How often old answers are looked for, in milliseconds. */
const sweepInterval = 60_000

interface Kept {
  readonly name: string
  readonly bytes: number
  readonly usedAt: number
}

const leastRecent = (census: Census): Kept[] =>
  [...census.values()]
    .flatMap(({ name, bytes, usedAt, isInUse }) => (name === undefined || isInUse ? [] : [{ name, bytes, usedAt }]))
    .sort((one, other) => one.usedAt - other.usedAt)

/**
 * Keeps the cache within its limits. Whoever needs more room writes that down first and counts then: of two that do so
 * at once, one at least sees the other, so that the limit holds over all processes without a lock.
 */
export class Room {
  /** What a making may write before anybody counts, in bytes. */
  readonly firstStep: number
  /** Room is taken in multiples of this, in bytes. */
  readonly step: number
  readonly #layout: Layout
  readonly #limits: RoomLimits
  readonly #clock: Clock
  readonly #onEvicted: () => void
  readonly #complain: (fault: unknown) => void
  #last: Promise<unknown> = Promise.resolve()
  #tidy: NodeJS.Timeout | undefined
  readonly #sweep: NodeJS.Timeout

  constructor(
    layout: Layout,
    limits: RoomLimits,
    { clock, onEvicted, complain }: { clock: Clock; onEvicted: () => void; complain: (fault: unknown) => void },
  ) {
    this.step = Math.max(1, Math.floor(limits.bytes / steps))
    this.firstStep = Math.min(longestFirstStep, this.step)
    this.#layout = layout
    this.#limits = limits
    this.#clock = clock
    this.#onEvicted = onEvicted
    this.#complain = complain
    this.#sweep = setInterval(() => this.#tidyNow(), Math.min(sweepInterval, limits.age)).unref()
  }

  /** Whether all that is taken has room, after everything went that had to. */
  make(): Promise<boolean> {
    const made = this.#last.then(() => this.#makeNow())
    this.#last = made.catch(() => {})
    return made
  }

  /** Makes room before long; several wishes are one. */
  makeSoon(): void {
    this.#tidy ??= setTimeout(() => {
      this.#tidy = undefined
      this.#tidyNow()
    }, tidyPause).unref()
  }

  async close(): Promise<void> {
    clearTimeout(this.#tidy)
    clearInterval(this.#sweep)
    await this.#last
  }

  #tidyNow(): void {
    this.make().catch(this.#complain)
  }

  async #makeNow(): Promise<boolean> {
    const census = await takeCensus(this.#layout)
    const candidates = leastRecent(census)
    const oldest = this.#clock() - this.#limits.age
    let total = [...census.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    let { size } = census
    for (const { name, bytes, usedAt } of candidates) {
      const isTooMuch = total > this.#limits.bytes * (1 - freePart) || size > this.#limits.answers
      if (!isTooMuch && usedAt > oldest) continue
      await evict(name)
      this.#onEvicted()
      total -= bytes
      size -= 1
    }
    return total <= this.#limits.bytes
  }
}
