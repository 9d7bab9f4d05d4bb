import type { Admission } from '../access/decide.ts'

export interface PlaceLimits {
  /** How many processes of git run at once. */
  readonly running: number
  /** How many more requests may wait for one to end. */
  readonly waiting: number
  /** How long they wait, in milliseconds. */
  readonly patience: number
}

export const standardPlaces: PlaceLimits = { running: 16, waiting: 256, patience: 30_000 }

/** Gives a place back; called once. */
export type Leave = () => void

/** On whose account a process counts, and what part of all places, and of the queue, that may take. */
export interface Share {
  readonly who: string
  readonly part: number
}

interface Waiter {
  readonly shares: readonly Share[]
  readonly answer: (leave: Leave | undefined) => void
}

const half = (who: string): readonly Share[] => [{ who, part: 1 / 2 }]

/**
 * Nobody has more than half. All who are anonymous have a half together, of which one address has no more than half, so
 * that it keeps neither those who log in nor other strangers out.
 */
export const sharesOf = ({ principal, from }: Pick<Admission, 'principal' | 'from'>): readonly Share[] => {
  switch (principal.kind) {
    case 'anonymous':
      return [...half('anonymous'), { who: `anonymous from ${from ?? 'nowhere'}`, part: 1 / 4 }]
    case 'user':
      return half(`user ${principal.user.id}`)
    case 'deploy-token':
    case 'deploy-key':
      return half(`${principal.kind} ${principal.id}`)
    case 'trusted':
      return half(`trust ${principal.trust}`)
    case 'job':
      return half(`jobs of project ${principal.home.id}`)
  }
}

/**
 * Bounds how many processes run in this server process. A place that becomes free goes to those who have the fewest, so
 * that whoever asks much waits behind those who ask little.
 */
export class Places {
  readonly #limits: PlaceLimits
  readonly #taken = new Map<string, number>()
  readonly #queue = new Set<Waiter>()
  #running = 0

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /** How many requests wait for a place now. */
  get waiting(): number {
    return this.#queue.size
  }

  /** How many run on the narrowest of these accounts. */
  runningFor(shares: readonly Share[]): number {
    return this.#takenBy(shares.at(-1)?.who ?? '')
  }

  /** A place, at once or after a while; undefined where there is none in time, or the signal aborted. */
  take(shares: readonly Share[], signal: AbortSignal): Promise<Leave | undefined> {
    if (signal.aborted) return Promise.resolve(undefined)
    if (this.#isFree(shares)) return Promise.resolve(this.#enter(shares))
    return this.#hasRoomToWait(shares) ? this.#wait(shares, signal) : Promise.resolve(undefined)
  }

  #isFree(shares: readonly Share[]): boolean {
    const { running } = this.#limits
    return this.#running < running && shares.every(({ who, part }) => this.#takenBy(who) < running * part)
  }

  #hasRoomToWait(shares: readonly Share[]): boolean {
    const { waiting } = this.#limits
    const waitingFor = (who: string): number =>
      [...this.#queue].filter((waiter) => waiter.shares.some((share) => share.who === who)).length
    return this.#queue.size < waiting && shares.every(({ who, part }) => waitingFor(who) < waiting * part)
  }

  #takenBy(who: string): number {
    return this.#taken.get(who) ?? 0
  }

  #enter(shares: readonly Share[]): Leave {
    this.#running += 1
    for (const { who } of shares) this.#taken.set(who, this.#takenBy(who) + 1)
    return () => this.#leave(shares)
  }

  #leave(shares: readonly Share[]): void {
    this.#running -= 1
    for (const { who } of shares) {
      const left = this.#takenBy(who) - 1
      if (left > 0) this.#taken.set(who, left)
      else this.#taken.delete(who)
    }
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.answer(this.#enter(next.shares))
  }

  /** Of those who may come in, one of whom the fewest run; of several, who has waited longest. */
  #next(): Waiter | undefined {
    const runningOf = ({ shares }: Waiter): number => this.runningFor(shares)
    let best: Waiter | undefined
    for (const waiter of this.#queue) {
      if (this.#isFree(waiter.shares) && (best === undefined || runningOf(waiter) < runningOf(best))) best = waiter
    }
    return best
  }

  #wait(shares: readonly Share[], signal: AbortSignal): Promise<Leave | undefined> {
    return new Promise((resolve) => {
      const giveUp = () => waiter.answer(undefined)
      const timer = setTimeout(giveUp, this.#limits.patience)
      signal.addEventListener('abort', giveUp, { once: true })
      const answer = (leave: Leave | undefined) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#queue.delete(waiter)
        resolve(leave)
      }
      const waiter: Waiter = { shares, answer }
      this.#queue.add(waiter)
    })
  }
}
