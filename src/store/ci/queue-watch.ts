import Database from 'better-sqlite3'

/** Between two looks while somebody waits, in milliseconds. */
const lookEvery = 20

/** Tells those who wait for a job that there may be one now, whichever process made it. */
export interface QueueWatch {
  /** The queue's number, which rises whenever a runner that found nothing might find something. */
  value(): number
  /** Resolves when the number is another one than this, or the signal aborts. */
  changed(from: number, signal: AbortSignal): Promise<void>
  close(): void
}

class PollingWatch implements QueueWatch {
  readonly #database: Database.Database
  readonly #read: Database.Statement<[], number>
  readonly #version: Database.Statement<[], number>
  readonly #waiting = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
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
      const look = (): void => {
        if (!signal.aborted && this.value() === from) return
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

  #lookAll(): void {
    for (const look of [...this.#waiting]) look()
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
