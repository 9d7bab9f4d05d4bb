import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Coordinator, CoordinatorRefused } from './coordinator.ts'
import { type Outcome, runJob } from './job.ts'
import type { Payload } from './payload.ts'
import type { Rhythm } from './trace-sender.ts'

export interface RunnerOptions {
  /** Of the server, as people type it. */
  readonly url: string
  /** `glrt-…` */
  readonly token: string
  readonly rhythm?: Rhythm
  readonly taken?: (payload: Payload) => void
  readonly ended?: (payload: Payload, outcome: Outcome) => void
  /** Asking failed in a way that asking again will not mend. */
  readonly refused?: (fault: unknown) => void
}

/** Milliseconds between questions, where the server answers at once that there is nothing. */
const checkInterval = 50

/**
 * A small runner for the tour and the tests: asks for jobs, one at a time, and runs each in bash as whoever started it.
 * It knows the coordinator's protocol and nothing of the server.
 */
export class Runner {
  readonly #options: RunnerOptions
  readonly #coordinator: Coordinator
  readonly #folder: string
  readonly #stop = new AbortController()
  readonly #done: Promise<void>

  private constructor(options: RunnerOptions, coordinator: Coordinator, folder: string) {
    this.#options = options
    this.#coordinator = coordinator
    this.#folder = folder
    this.#done = this.#loop()
    // Whoever stops the runner is told.
    this.#done.catch(() => {})
  }

  /** Registers, and begins to ask. Throws where the token is none. */
  static async start(options: RunnerOptions): Promise<Runner> {
    const coordinator = new Coordinator(options.url, options.token)
    await coordinator.verify()
    return new Runner(options, coordinator, await mkdtemp(join(tmpdir(), 'runner-')))
  }

  /** Takes no more jobs; resolves when the one at hand is over. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const payload = await this.#ask()
      if (payload === undefined) await pause(checkInterval, undefined, { signal: this.#stop.signal }).catch(() => {})
      else await this.#run(payload)
    }
  }

  async #ask(): Promise<Payload | undefined> {
    try {
      return await this.#coordinator.requestJob(this.#stop.signal)
    } catch (fault) {
      if (!(fault instanceof CoordinatorRefused) || fault.status !== 403) return undefined
      this.#options.refused?.(fault)
      this.#stop.abort()
      return undefined
    }
  }

  async #run(payload: Payload): Promise<void> {
    const { rhythm = { every: 100, keepAlive: 30_000 }, taken, ended } = this.#options
    taken?.(payload)
    const outcome = await runJob(payload, { base: this.#coordinator.base, folder: this.#folder, rhythm })
    ended?.(payload, outcome)
  }
}
