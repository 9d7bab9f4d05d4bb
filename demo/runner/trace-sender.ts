import { setTimeout as pause } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { JobCalls, JobWord, TraceAnswer } from './job-calls.ts'
import { Masker } from './masker.ts'

/** Most bytes of one patch. */
const patchSize = 1_048_576

export interface Rhythm {
  /** Milliseconds between two patches. */
  readonly every: number
  /** Without a word for so many milliseconds, the server is told that the job runs. */
  readonly keepAlive: number
}

const failedOnce = (): TraceAnswer => ({ kind: 'later' })

/** Sends a job's log as it grows, with values hidden, and hears on the way whether the job is to end. */
export class TraceSender {
  readonly #calls: Pick<JobCalls, 'appendTrace' | 'keepAlive'>
  readonly #masker: Masker
  readonly #rhythm: Rhythm
  readonly #over: (word: JobWord) => void
  #log = Buffer.alloc(0)
  #sent = 0
  #lastWord = performance.now()
  #ended = false
  readonly #stopped = new AbortController()
  readonly #done: Promise<void>

  /** @param over is told once the job is canceled, or no longer ours */
  constructor(
    calls: Pick<JobCalls, 'appendTrace' | 'keepAlive'>,
    masks: readonly string[],
    rhythm: Rhythm,
    over: (word: JobWord) => void,
  ) {
    this.#calls = calls
    this.#masker = new Masker(masks)
    this.#rhythm = rhythm
    this.#over = over
    this.#done = this.#run()
  }

  write(text: string | Uint8Array): void {
    this.#log = Buffer.concat([this.#log, this.#masker.take(Buffer.from(text))])
  }

  /** The whole log, for the last word about the job. */
  get total(): { readonly bytesize: number; readonly checksum: string } {
    return { bytesize: this.#log.length, checksum: `crc32:${crc32(this.#log).toString(16).padStart(8, '0')}` }
  }

  /** Sends what is left; resolves when the server has all of it, or wants no more. */
  async end(): Promise<void> {
    this.#log = Buffer.concat([this.#log, this.#masker.rest()])
    this.#stopped.abort()
    await this.#done
    for (let tries = 0; !this.#ended && this.#sent < this.#log.length && tries < 50; tries += 1) {
      if (!(await this.#patch())) await pause(this.#rhythm.every)
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!this.#ended && !signal.aborted) {
      await pause(this.#rhythm.every, undefined, { signal }).catch(() => {})
      if (!signal.aborted) await this.#speak()
    }
  }

  async #speak(): Promise<void> {
    if (this.#sent < this.#log.length) await this.#patch()
    else if (performance.now() - this.#lastWord >= this.#rhythm.keepAlive) {
      this.#lastWord = performance.now()
      this.#hear(await this.#calls.keepAlive().catch(() => 'running' as const))
    }
  }

  /** Whether the server took something or told where to go on. */
  async #patch(): Promise<boolean> {
    const part = this.#log.subarray(this.#sent, this.#sent + patchSize)
    const answer = await this.#calls.appendTrace(this.#sent, part).catch(failedOnce)
    this.#lastWord = performance.now()
    if (answer.kind === 'taken') this.#sent += part.length
    if (answer.kind === 'taken') this.#hear(answer.word)
    if (answer.kind === 'elsewhere') this.#sent = Math.min(answer.from, this.#log.length)
    if (answer.kind === 'over') this.#hear('over')
    return answer.kind === 'taken' || answer.kind === 'elsewhere'
  }

  #hear(word: JobWord): void {
    if (word === 'over') this.#ended = true
    if (word !== 'running') this.#over(word)
  }
}
