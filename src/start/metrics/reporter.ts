import type { PrimaryMessage, WorkerMessage } from '../server.ts'
import { Figures } from './figures.ts'
import { followProcess } from './follow-process.ts'

/** How often a worker tells its figures by itself, in milliseconds. It also shows its primary that it lives. */
const tellEvery = 1000

/** How long a worker waits for the figures of all, in milliseconds; longer than the primary waits for workers. */
const patience = 2000

/** The figures of a worker, told to its primary, which knows those of all. */
export class Reporter {
  readonly metrics = new Figures()
  readonly #tell: (message: WorkerMessage) => void
  readonly #asked = new Map<number, (text: string | undefined) => void>()
  #lastAsked = 0
  #lag = 0

  constructor(tell: (message: WorkerMessage) => void) {
    this.#tell = tell
    followProcess(this.metrics)
    this.metrics.follow('loopLag', {}, () => this.#lag / 1000)
  }

  /** Begins to tell; ends with the process. */
  begin(): void {
    let due = performance.now() + tellEvery
    setInterval(() => {
      this.#lag = Math.max(0, performance.now() - due)
      due = performance.now() + tellEvery
      this.#report()
    }, tellEvery).unref()
    this.#report()
  }

  heard(message: PrimaryMessage): void {
    if (message.kind === 'report') this.#report(message.round)
    if (message.kind === 'metrics') this.#asked.get(message.id)?.(message.text)
  }

  /** The figures of all workers, for Prometheus; undefined where the primary does not tell them in time. */
  readonly text = async (): Promise<string | undefined> => {
    this.#lastAsked += 1
    const id = this.#lastAsked
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    this.#asked.set(id, resolve)
    const timer = setTimeout(() => resolve(undefined), patience)
    this.#tell({ kind: 'metrics-wanted', id })
    const text = await promise
    clearTimeout(timer)
    this.#asked.delete(id)
    return text
  }

  #report(round?: number): void {
    this.#tell({ kind: 'figures', figures: this.metrics.snapshot(), ...(round !== undefined && { round }) })
  }
}
