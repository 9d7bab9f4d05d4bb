import type { Principal } from '../core/principal.ts'

export interface PlaceLimits {
  /** How many processes of git run at once. */
  readonly running: number
  /** How many more requests may wait for one to end. */
  readonly waiting: number
  /** How long they wait, in milliseconds. */
  readonly patience: number
}

export const standardPlaces: PlaceLimits = { running: 64, waiting: 256, patience: 10_000 }

/** Gives a place back; called once. */
export type Leave = () => void

interface Waiter {
  readonly who: string
  readonly answer: (leave: Leave | undefined) => void
}

/** On whose share a process counts. All who are anonymous share one. */
export const shareOf = (principal: Principal): string => {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous'
    case 'user':
      return `user ${principal.user.id}`
    case 'deploy-token':
    case 'deploy-key':
      return `${principal.kind} ${principal.id}`
    case 'trusted':
      return `trust ${principal.trust}`
    case 'job':
      return `jobs of project ${principal.home.id}`
  }
}

/** Bounds how many processes run in this server process. Nobody has more than half of the places, or of the queue. */
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

  /** A place, at once or after a while; undefined where there is none in time, or the signal aborted. */
  take(who: string, signal: AbortSignal): Promise<Leave | undefined> {
    if (signal.aborted) return Promise.resolve(undefined)
    if (this.#isFree(who)) return Promise.resolve(this.#enter(who))
    const own = [...this.#queue].filter((waiter) => waiter.who === who).length
    const { waiting } = this.#limits
    const isQueueFull = this.#queue.size >= waiting || own >= waiting / 2
    return isQueueFull ? Promise.resolve(undefined) : this.#wait(who, signal)
  }

  #isFree(who: string): boolean {
    const { running } = this.#limits
    return this.#running < running && (this.#taken.get(who) ?? 0) < running / 2
  }

  #enter(who: string): Leave {
    this.#running += 1
    this.#taken.set(who, (this.#taken.get(who) ?? 0) + 1)
    return () => this.#leave(who)
  }

  #leave(who: string): void {
    this.#running -= 1
    const left = (this.#taken.get(who) ?? 0) - 1
    if (left > 0) this.#taken.set(who, left)
    else this.#taken.delete(who)
    for (const waiter of this.#queue) {
      if (this.#isFree(waiter.who)) waiter.answer(this.#enter(waiter.who))
    }
  }

  #wait(who: string, signal: AbortSignal): Promise<Leave | undefined> {
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
      const waiter: Waiter = { who, answer }
      this.#queue.add(waiter)
    })
  }
}
