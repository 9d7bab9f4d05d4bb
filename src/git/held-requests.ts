/** A request of this size is held without asking; nearly every one is smaller. In bytes. */
export const freelyHeld = 64 * 2 ** 10

/** A client may name a million objects. What is longer is not held as a whole but passed on as it comes. In bytes. */
const longestHeld = 4 * 2 ** 20

/** All that one process holds of long requests at the same time, in bytes. */
const mostHeld = 64 * 2 ** 20

let held = 0

/**
 * The bytes of one request, held until its end, so that it can be told whether the same was asked before. How much of
 * that there may be is bounded for the whole process.
 */
export class HeldRequest {
  readonly #chunks: Buffer[] = []
  #size = 0

  get chunks(): readonly Buffer[] {
    return this.#chunks
  }

  get bytes(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks, this.#size)
  }

  /** Takes the next bytes, in any case; false where it should take no more. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    held += chunk.length
    return this.#size <= freelyHeld || (this.#size <= longestHeld && held <= mostHeld)
  }

  /** To be called once, when nobody needs the bytes any more. */
  release(): void {
    held -= this.#size
    this.#size = 0
    this.#chunks.length = 0
  }
}
