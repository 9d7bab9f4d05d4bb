import type { Writable } from 'node:stream'
import type { Answer } from './answer.ts'
import type { End } from './ending.ts'
import { turnToHandOn } from './turns.ts'

/** Pieces that one reader has on their way at most, so that neither side waits for the other's next turn. */
const longestWindow = 4

/** Pieces on their way, over all readers of this process. Beyond so many, each has one. */
let onTheWay = 0
const mostOnTheWay = 64

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
  #isGone: boolean
  #wake: (() => void) | undefined
  /** For each piece that is on its way to the client, how it is given back. */
  readonly #sending = new Set<() => void>()

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
      else if (end === undefined) await this.growth(answer)
      else if (this.#sending.size > 0) await this.#room(1)
      else return this.#finish(end)
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
    // Who goes in the middle of a write leaves it to the system, which may still look at the bytes.
    for (const giveBack of this.#sending) this.#sent(giveBack)
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
    const piece = await answer.pieces.take(this.#offset)
    await turnToHandOn()
    if (this.#isGone) return answer.pieces.giveBack(piece, false)
    if (this.#offset === 0) this.#begin(answer.end?.kind === 'whole' ? answer.size : undefined)
    const bytes = piece.from(this.#offset).subarray(0, size - this.#offset)
    this.#offset += bytes.length
    this.#send(() => answer.pieces.giveBack(piece, this.#isGone), bytes)
    await this.#room(onTheWay < mostOnTheWay ? longestWindow : 1)
  }

  /** @param giveBack the piece that the bytes are of */
  #send(giveBack: () => void, bytes: Buffer): void {
    onTheWay += 1
    this.#sending.add(giveBack)
    this.#output.write(bytes, (failure) => {
      if (failure) this.#isGone = true
      this.#sent(giveBack)
      this.#wake?.()
    })
  }

  #sent(giveBack: () => void): void {
    if (!this.#sending.delete(giveBack)) return
    onTheWay -= 1
    giveBack()
  }

  /** Waits until fewer pieces than so many are on their way, or the client goes. */
  async #room(window: number): Promise<void> {
    while (this.#sending.size >= window && !this.#isGone) await this.#unlessGone(() => {})
  }

  #unlessGone(start: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isGone) return resolve()
      this.#wake = resolve
      start(resolve)
    })
  }
}
