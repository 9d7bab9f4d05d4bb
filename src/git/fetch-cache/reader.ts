import type { Writable } from 'node:stream'
import type { Answer } from './answer.ts'
import type { End } from './ending.ts'

/** What one reader holds in memory at most, in bytes. */
const longestPiece = 256 * 1_024

/** Called before the first byte, with the length of the whole answer where it is known already, in bytes. */
export type Begin = (length: number | undefined) => void

/**
 * One client that is given an answer at its own pace. It keeps its place when an answer is lost and it goes on with the
 * next one.
 */
export class Reader {
  readonly #output: Writable
  readonly #signal: AbortSignal
  readonly #begin: Begin
  #offset = 0
  #buffer: Buffer | undefined
  #isGone: boolean
  #wake: (() => void) | undefined

  constructor(output: Writable, signal: AbortSignal, begin: Begin) {
    this.#output = output
    this.#signal = signal
    this.#begin = begin
    this.#isGone = signal.aborted || output.destroyed
    signal.addEventListener('abort', this.#go, { once: true })
    for (const event of ['close', 'error']) output.on(event, this.#go)
  }

  /** Bytes that were handed on. */
  get offset(): number {
    return this.#offset
  }

  /** Whether its signal aborted, or its output was closed. */
  get isGone(): boolean {
    return this.#isGone
  }

  /** Hands on what there is until the answer is over; undefined where the client went before that. */
  async follow(answer: Answer): Promise<End | undefined> {
    while (!this.#isGone) {
      const { end, size } = answer
      if (this.#offset < size) await this.#handOn(answer, size)
      else if (end !== undefined) return this.#finish(end)
      else await this.growth(answer)
    }
    return undefined
  }

  /** Waits until the answer changes, or the client goes. */
  async growth(answer: Answer): Promise<void> {
    let stopWaiting = (): void => {}
    await this.#unlessGone((resolve) => {
      stopWaiting = answer.onChange(resolve)
    })
    stopWaiting()
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#go)
    for (const event of ['close', 'error']) this.#output.off(event, this.#go)
  }

  #finish(end: End): End {
    if (this.#offset === 0 && end.kind === 'whole') this.#begin(0)
    return end
  }

  readonly #go = (): void => {
    this.#isGone = true
    this.#wake?.()
  }

  async #handOn(answer: Answer, size: number): Promise<void> {
    const wanted = Math.min(size - this.#offset, longestPiece)
    const buffer = this.#bufferFor(wanted)
    const length = await answer.read(buffer, wanted, this.#offset)
    if (length === 0) throw new Error('an answer in the fetch cache is shorter than it was')
    if (this.#isGone) return
    if (this.#offset === 0) this.#begin(answer.end?.kind === 'whole' ? answer.size : undefined)
    await this.#unlessGone((resolve) => this.#write(buffer.subarray(0, length), resolve))
    this.#offset += length
  }

  #write(piece: Buffer, resolve: () => void): void {
    this.#output.write(piece, (failure) => {
      if (failure) this.#isGone = true
      resolve()
    })
  }

  /** One buffer for all pieces: a piece is read only when the one before it has left for good. */
  #bufferFor(length: number): Buffer {
    if (this.#buffer === undefined || this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(length)
    return this.#buffer
  }

  #unlessGone(start: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isGone) return resolve()
      this.#wake = resolve
      start(resolve)
    })
  }
}
