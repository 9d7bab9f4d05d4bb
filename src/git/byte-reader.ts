/** Reads lines and blocks of a stream of bytes, keeping no more of it than is asked for. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /**
   * What stands before the next `end` byte, which is taken too; undefined at the end of the stream.
   * @param most bytes; throws where none of them is the end
   */
  async until(end: number, most: number): Promise<Buffer | undefined> {
    let looked = 0
    for (;;) {
      const at = this.#rest.indexOf(end, looked)
      if (at >= 0 && at <= most) return this.#cut(at, 1)
      looked = this.#rest.length
      if (looked > most) throw new Error(`git wrote a record of more than ${most} bytes`)
      if (!(await this.#more())) return looked === 0 ? undefined : this.#cut(looked, 0)
    }
  }

  /**
   * The same, however much stands there; of that only the first `most` bytes are kept.
   * @returns what is kept, and the size of the whole with its end
   */
  async untilCut(end: number, most: number): Promise<{ readonly kept: Buffer; readonly size: number } | undefined> {
    const kept: Buffer[] = []
    let size = 0
    for (;;) {
      const at = this.#rest.indexOf(end)
      const piece = at < 0 ? this.#cut(this.#rest.length, 0) : this.#cut(at, 1)
      kept.push(piece.subarray(0, Math.max(0, most - size)))
      size += piece.length
      if (at >= 0) return { kept: Buffer.concat(kept), size: size + 1 }
      if (!(await this.#more())) return size === 0 ? undefined : { kept: Buffer.concat(kept), size }
    }
  }

  /** The next bytes, of which only the first `most` are kept. Throws where there are not so many. */
  async take(size: number, most: number): Promise<Buffer> {
    const kept: Buffer[] = []
    let [left, room] = [size, most]
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw new Error('git wrote less than it announced')
      const piece = this.#cut(Math.min(left, this.#rest.length), 0)
      kept.push(piece.subarray(0, room))
      left -= piece.length
      room = Math.max(0, room - piece.length)
    }
    return Buffer.concat(kept)
  }

  #cut(size: number, behind: number): Buffer {
    const piece = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(size + behind)
    return piece
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) return false
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }
}

/** The records of a stream, each ended by one byte: `\0` or a line feed. */
export async function* recordsOf(chunks: AsyncIterable<Buffer>, end: number, most = 2 ** 20): AsyncGenerator<Buffer> {
  const reader = new ByteReader(chunks)
  for (;;) {
    const record = await reader.until(end, most)
    if (record === undefined) return
    yield record
  }
}
