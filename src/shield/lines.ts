const lineFeed = 0x0a

/** How many lines end in a part of these bytes. */
export const lineEnds = (bytes: Buffer, from: number, to: number): number => {
  let count = 0
  for (let at = from; at < to; at += 1) if (bytes[at] === lineFeed) count += 1
  return count
}

/** Says on which line an offset is; quick where the next one is near. */
export class LineCounter {
  readonly #bytes: Buffer
  #line: number
  #offset = 0

  /** @param first the line on which these bytes begin */
  constructor(bytes: Buffer, first: number) {
    this.#bytes = bytes
    this.#line = first
  }

  /** The last that was asked for. */
  get offset(): number {
    return this.#offset
  }

  lineAt(offset: number): number {
    if (offset >= this.#offset) this.#line += lineEnds(this.#bytes, this.#offset, offset)
    else this.#line -= lineEnds(this.#bytes, offset, this.#offset)
    this.#offset = offset
    return this.#line
  }
}
