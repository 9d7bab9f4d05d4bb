import { Writable } from 'node:stream'

/** Takes the beginning of a stream and lets the rest go by. */
export class Collected extends Writable {
  readonly #most: number
  readonly #chunks: Buffer[] = []
  #size = 0

  /** @param most bytes that are kept */
  constructor(most: number) {
    super()
    this.#most = most
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const room = this.#most - this.#size
    if (room > 0) this.#chunks.push(chunk.subarray(0, room))
    this.#size += chunk.length
    done()
  }
}
