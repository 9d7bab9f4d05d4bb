/** Reads what an SSH structure (RFC 4251, section 5) holds in turn; `undefined` once something is missing. */
export class WireReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  string(): Buffer | undefined {
    const start = this.#offset + 4
    if (start > this.#bytes.length) return undefined
    const end = start + this.#bytes.readUInt32BE(this.#offset)
    if (end > this.#bytes.length) return undefined
    this.#offset = end
    return this.#bytes.subarray(start, end)
  }

  /** A positive number in its one shortest form; returns its digits without the sign byte. */
  positiveNumber(): Buffer | undefined {
    const bytes = this.string()
    const first = bytes?.[0]
    if (bytes === undefined || first === undefined || first >= 0x80) return undefined
    if (first !== 0) return bytes
    const second = bytes[1]
    return second !== undefined && second >= 0x80 ? bytes.subarray(1) : undefined
  }

  uint32(): number | undefined {
    const bytes = this.#take(4)
    return bytes?.readUInt32BE()
  }

  uint64(): bigint | undefined {
    const bytes = this.#take(8)
    return bytes?.readBigUInt64BE()
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length
  }

  #take(length: number): Buffer | undefined {
    const end = this.#offset + length
    if (end > this.#bytes.length) return undefined
    const bytes = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return bytes
  }
}
