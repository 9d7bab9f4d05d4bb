import type { Metrics } from '../../core/metrics.ts'
import { Figures, type Snapshot } from './figures.ts'
import { followProcess } from './follow-process.ts'
import { addTo, addUp, counted, type Told } from './sums.ts'
import { prometheusText } from './text.ts'

/** How long the workers are waited for, in milliseconds. Of one that does not answer, the last figures are told. */
const patience = 500

interface Round {
  readonly missing: Set<string>
  readonly complete: () => void
}

/**
 * The figures of all workers, in their primary. Workers tell theirs once a second, and when asked. What a worker counted
 * stays counted when it dies, so that no sum ever falls; what it counted since it last told is lost with it.
 */
export class Gathering {
  readonly #own = new Figures()
  readonly #living = new Map<string, Snapshot>()
  readonly #past = new Map<string, Snapshot>()
  readonly #rounds = new Map<number, Round>()
  #lastRound = 0

  constructor() {
    followProcess(this.#own)
  }

  /** Of the primary itself. */
  get metrics(): Metrics {
    return this.#own
  }

  /** @param round the question that is answered, if one was asked */
  heard(worker: string, figures: Snapshot, round: number | undefined): void {
    this.#living.set(worker, figures)
    if (round !== undefined) this.#answered(worker, round)
  }

  /** A worker is gone; another may come by its name. */
  gone(worker: string): void {
    const last = this.#living.get(worker)
    this.#living.delete(worker)
    if (last !== undefined) this.#past.set(worker, addTo(this.#past.get(worker) ?? {}, counted(last)))
    for (const round of this.#rounds.keys()) this.#answered(worker, round)
  }

  /**
   * The figures of now, for Prometheus.
   * @param ask asks all workers, and returns whom it asked
   */
  async text(ask: (round: number) => readonly string[]): Promise<string> {
    await this.#askAll(ask)
    const all: Told[] = [{ worker: 'primary', figures: this.#own.snapshot() }]
    for (const [worker, figures] of [...this.#past, ...this.#living]) all.push({ worker, figures })
    return prometheusText(addUp(all))
  }

  async #askAll(ask: (round: number) => readonly string[]): Promise<void> {
    this.#lastRound += 1
    const round = this.#lastRound
    const { promise, resolve } = Promise.withResolvers<void>()
    const missing = new Set(ask(round))
    if (missing.size === 0) return
    this.#rounds.set(round, { missing, complete: resolve })
    const timer = setTimeout(resolve, patience)
    await promise
    clearTimeout(timer)
    this.#rounds.delete(round)
  }

  #answered(worker: string, number: number): void {
    const round = this.#rounds.get(number)
    if (round?.missing.delete(worker) && round.missing.size === 0) round.complete()
  }
}
