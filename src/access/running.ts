import type { Standing } from './standing.ts'

/** How often running transfers look whether the store's access data changed, in milliseconds. A revocation holds within a second. */
const lookEvery = 400

/** By so much a timer may come too early, in milliseconds. */
const early = 10

export interface Followed {
  /** Aborts when the transfer's admission no longer stands, or when the server is stopped for good. */
  readonly signal: AbortSignal
  /** The transfer has ended. */
  end(): void
}

/** How often in a row a transfer goes on although it could not be asked about. */
const mostUndecided = 5

interface Transfer {
  readonly abort: AbortController
  readonly ask: () => Promise<Standing>
  /**
   * The epoch at which its admission was last found to stand. At first none is known: the decision is older than the
   * moment from which the transfer is followed, and what happened in between was seen by no look.
   */
  seen: number | undefined
  undecided: number
}

/**
 * The transfers that this process serves now. While there are any, the security epoch is read twice a second. Each
 * transfer's question is asked again at the first look, and whenever the epoch was raised; those that would be refused
 * now are cut off.
 */
export class RunningTransfers {
  readonly #epoch: () => Promise<number>
  readonly #onFault: (fault: unknown) => void
  readonly #transfers = new Set<Transfer>()
  #timer: NodeJS.Timeout | undefined
  #looking = false

  constructor(epoch: () => Promise<number>, onFault: (fault: unknown) => void) {
    this.#epoch = epoch
    this.#onFault = onFault
  }

  get count(): number {
    return this.#transfers.size
  }

  /** @param timeLeft after which it is asked about in any case, in milliseconds; undefined: only when something changes */
  follow(ask: () => Promise<Standing>, timeLeft?: number): Followed {
    const transfer: Transfer = { abort: new AbortController(), ask, seen: undefined, undecided: 0 }
    this.#transfers.add(transfer)
    this.#timer ??= setInterval(() => void this.#look(), lookEvery)
    this.#timer.unref()
    const last = timeLeft === undefined ? undefined : setTimeout(() => void this.#askAtItsEnd(transfer), timeLeft + early).unref()
    return {
      signal: transfer.abort.signal,
      end: () => {
        clearTimeout(last)
        this.#end(transfer)
      },
    }
  }

  /** Cuts every transfer off: the grace of an orderly stop is over. */
  abortAll(): void {
    for (const transfer of this.#transfers) transfer.abort.abort(new Error('the server is stopping'))
  }

  #end(transfer: Transfer): void {
    this.#transfers.delete(transfer)
    if (this.#transfers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #askAtItsEnd(transfer: Transfer): Promise<void> {
    try {
      await this.#recheck(transfer, transfer.seen)
    } catch (fault) {
      this.#onFault(fault)
    }
  }

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      const epoch = await this.#epoch()
      const due = [...this.#transfers].filter((transfer) => transfer.seen !== epoch)
      await Promise.all(due.map((transfer) => this.#recheck(transfer, epoch)))
    } catch (fault) {
      this.#onFault(fault)
    } finally {
      this.#looking = false
    }
  }

  async #recheck(transfer: Transfer, epoch: number | undefined): Promise<void> {
    const standing = await transfer.ask()
    transfer.undecided = standing === 'undecided' ? transfer.undecided + 1 : 0
    if (standing === 'undecided' && transfer.undecided <= mostUndecided) return
    transfer.seen = epoch
    if (standing !== 'stands') transfer.abort.abort(new Error('access was withdrawn'))
  }
}
