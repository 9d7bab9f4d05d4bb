/** How often running transfers look whether the store's access data changed, in milliseconds. A revocation holds within a second. */
const lookEvery = 400

export interface Followed {
  /** Aborts when the transfer's admission no longer stands, or when the server is stopped for good. */
  readonly signal: AbortSignal
  /** The transfer has ended. */
  end(): void
}

interface Transfer {
  readonly abort: AbortController
  readonly stillAdmitted: () => Promise<boolean>
}

/**
 * The transfers that this process serves now. While there are any, the security epoch is read twice a second; when it
 * was raised, each transfer's question is asked again, and those that would be refused now are cut off.
 */
export class RunningTransfers {
  readonly #epoch: () => Promise<number>
  readonly #onFault: (fault: unknown) => void
  readonly #transfers = new Set<Transfer>()
  #seen = 0
  #timer: NodeJS.Timeout | undefined
  #looking = false

  constructor(epoch: () => Promise<number>, onFault: (fault: unknown) => void) {
    this.#epoch = epoch
    this.#onFault = onFault
  }

  get count(): number {
    return this.#transfers.size
  }

  follow(stillAdmitted: () => Promise<boolean>): Followed {
    const transfer: Transfer = { abort: new AbortController(), stillAdmitted }
    this.#transfers.add(transfer)
    this.#timer ??= setInterval(() => void this.#look(), lookEvery)
    this.#timer.unref()
    return { signal: transfer.abort.signal, end: () => this.#end(transfer) }
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

  async #look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      const epoch = await this.#epoch()
      if (epoch !== this.#seen) {
        await Promise.all([...this.#transfers].map((transfer) => this.#recheck(transfer)))
        this.#seen = epoch
      }
    } catch (fault) {
      this.#onFault(fault)
    } finally {
      this.#looking = false
    }
  }

  async #recheck(transfer: Transfer): Promise<void> {
    if (await transfer.stillAdmitted()) return
    transfer.abort.abort(new Error('access was withdrawn'))
  }
}
