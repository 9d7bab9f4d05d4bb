import Database from 'better-sqlite3'

/** Between two looks while somebody waits, in milliseconds. */
const lookEvery = 20

/** Tells those who wait for a job that there may be one now, whichever process made it. */
export interface QueueWatch {
  /** The queue's number, which rises whenever a runner that found nothing might find something. */
  value(): number
  /** Resolves when the number is another one than this, or the signal aborts. */
  changed(from: number, signal: AbortSignal): Promise<void>
  /** A place to wait in, and how to leave it; undefined where this runner has too many already, or all together have. */
  enter(runner: number): (() => void) | undefined
  close(): void
}

/** Questions held open for one runner, by each process, and for all. */
const mostOfRunner = 100
const mostOfAll = 2_000

class PollingWatch implements QueueWatch {
  readonly #database: Database.Database
  readonly #read: Database.Statement<[], number>
  readonly #version: Database.Statement<[], number>
  readonly #waiting = new Set<(value: unknown) => void>()
  #timer: NodeJS.Timeout | undefined
  /** How many wait for each runner. */
  readonly #places = new Map<number, number>()
  #taken = 0
  #seen = { version: -1, value: -1 }

  constructor(file: string) {
    this.#database = new Database(file, { readonly: true, fileMustExist: true, timeout: 10_000 })
    this.#read = this.#database.prepare<[], number>('select value from job_queue').pluck()
    this.#version = this.#database.prepare<[], number>('pragma data_version').pluck()
  }

  value(): number {
    const version = this.#version.get() ?? -1
    if (version !== this.#seen.version || version === -1) this.#seen = { version, value: this.#read.get() ?? 0 }
    return this.#seen.value
  }

  changed(from: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.value() !== from) return Promise.resolve()
    return new Promise((resolve) => {
      const look = (value: unknown): void => {
        if (!signal.aborted && value === from) return
        signal.removeEventListener('abort', look)
        this.#waiting.delete(look)
        if (this.#waiting.size === 0) this.#rest()
        resolve()
      }
      signal.addEventListener('abort', look)
      this.#waiting.add(look)
      this.#timer ??= setInterval(() => this.#lookAll(), lookEvery)
    })
  }

  enter(runner: number): (() => void) | undefined {
    const places = this.#places.get(runner) ?? 0
    if (places >= mostOfRunner || this.#taken >= mostOfAll) return undefined
    this.#places.set(runner, places + 1)
    this.#taken += 1
    return () => this.#leave(runner)
  }

  #leave(runner: number): void {
    const left = (this.#places.get(runner) ?? 0) - 1
    if (left > 0) this.#places.set(runner, left)
    else this.#places.delete(runner)
    this.#taken -= 1
  }

  #lookAll(): void {
    const value = this.value()
    for (const look of [...this.#waiting]) look(value)
  }

  /** Nobody waits: nothing is asked. */
  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  close(): void {
    this.#rest()
    this.#database.close()
  }
}

/** @param file of a store that is open, and whose schema is made */
export const watchQueue = (file: string): QueueWatch => new PollingWatch(file)
