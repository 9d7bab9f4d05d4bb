import { Writable } from 'node:stream'

/** What waits for the disk at most, in bytes, before the maker has to. */
const buffered = 2 ** 20

type Append = (chunks: readonly Buffer[]) => Promise<void>

/** Where a maker writes its answer to. It is destroyed where nothing more is taken. */
export class AnswerSink extends Writable {
  /**
   * The file itself, at its end: a program that is given it as its output writes the answer without us, for a fraction
   * of the cost. Then nothing may be written to the sink, which emits `growth` when there is more.
   */
  readonly descriptor: number
  readonly #append: Append

  constructor(descriptor: number, append: Append) {
    super({ highWaterMark: buffered })
    this.descriptor = descriptor
    this.#append = append
    // What a failure means is decided where it is thrown.
    this.on('error', () => {})
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (failure?: Error) => void): void {
    this.#take([chunk], done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (failure?: Error) => void): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  #take(chunks: readonly Buffer[], done: (failure?: Error) => void): void {
    this.#append(chunks).then(
      () => done(),
      (fault: unknown) => done(fault instanceof Error ? fault : new Error('an answer could not be written')),
    )
  }
}
