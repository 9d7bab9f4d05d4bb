import { setTimeout as pause } from 'node:timers/promises'
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

/** An older making waits this long for younger ones to give way, in milliseconds, and looks this often. */
const longestWait = 2_000
const waitStep = 20

/** How often old answers are looked for, in milliseconds. */
const sweepInterval = 60_000

interface Kept {
  readonly inode: number
  readonly name: string
  readonly bytes: number
  readonly usedAt: number
}

const leastRecent = (census: Census): Kept[] =>
  [...census]
    .flatMap(([inode, { name, bytes, usedAt, isInUse }]) =>
      name === undefined || isInUse ? [] : [{ inode, name, bytes, usedAt }],
    )
    .sort((one, other) => one.usedAt - other.usedAt)

const withoutYounger = (census: Census, own: number): Census => {
  const age = census.get(own)?.bornAt ?? Number.POSITIVE_INFINITY
  const isYounger = (inode: number, bornAt: number): boolean => bornAt > age || (bornAt === age && inode > own)
  return new Map([...census].filter(([inode, { isGrowing, bornAt }]) => !(isGrowing && isYounger(inode, bornAt))))
}

/**
 * Keeps the cache within its limits. Whoever needs more room writes that down first and counts then: of two that do so
 * at once, one at least sees the other, so that the limit holds over all processes without a lock.
 */
export class Room {
  /** What a making may write before anybody counts, in bytes. */
  readonly firstStep: number
  /** Room is taken in multiples of this, in bytes. */
  readonly step: number
  /** Bytes of all files together, over all processes. */
  readonly limit: number
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
    this.limit = limits.bytes
    this.step = Math.max(1, Math.floor(limits.bytes / steps))
    this.firstStep = Math.min(longestFirstStep, this.step)
    this.#layout = layout
    this.#limits = limits
    this.#clock = clock
    this.#onEvicted = onEvicted
    this.#complain = complain
    this.#sweep = setInterval(() => this.#tidyNow(), Math.min(sweepInterval, limits.age)).unref()
  }

  /**
   * Whether there is room for what this making has taken, after everything went that had to. Where several want more than
   * there is, the younger ones do not get it, so that not all of them fail.
   */
  async makeFor(inode: number): Promise<boolean> {
    for (let waited = 0; waited <= longestWait; waited += waitStep) {
      const census = await this.#make()
      if (this.#sum(census) <= this.#limits.bytes) return true
      if (this.#sum(withoutYounger(census, inode)) > this.#limits.bytes) return false
      await pause(waitStep)
    }
    return false
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
    this.#make().catch(this.#complain)
  }

  #make(): Promise<Census> {
    const made = this.#last.then(() => this.#makeNow())
    this.#last = made.catch(() => {})
    return made
  }

  #sum(census: Census): number {
    return [...census.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Removes what has to go. What is left is returned. */
  async #makeNow(): Promise<Census> {
    const census = await takeCensus(this.#layout)
    const candidates = leastRecent(census)
    const oldest = this.#clock() - this.#limits.age
    let total = this.#sum(census)
    for (const { inode, name, bytes, usedAt } of candidates) {
      const isTooMuch = total > this.#limits.bytes * (1 - freePart) || census.size > this.#limits.answers
      if (!isTooMuch && usedAt > oldest) continue
      await evict(name)
      this.#onEvicted()
      total -= bytes
      census.delete(inode)
    }
    return census
  }
}
