import type { Needle } from './needles.ts'

/** Two bytes are looked at together. */
const block = 2

/** Told of a place; says whether to go on. */
type Found = (needle: Needle, at: number) => boolean

/**
 * Looks for many texts at once. As in the searches of Wu and Manber ("A fast algorithm for multi-pattern searching",
 * 1994): two bytes tell how far the next beginning can be, so that most of the text is never looked at.
 */
export class NeedleSearch {
  readonly #shortest: number
  /** For each two bytes, how far to go on; 0 where a needle may end its first part here. */
  readonly #shift: Uint8Array
  readonly #ending = new Map<number, readonly Needle[]>()

  constructor(needles: readonly Needle[]) {
    this.#shortest = Math.min(...needles.map(({ text }) => text.length))
    if (this.#shortest < block) throw new Error('a needle is too short to be looked for')
    this.#shift = new Uint8Array(65_536).fill(Math.min(255, this.#shortest - block + 1))
    for (const needle of needles) this.#learn(needle)
  }

  /** Every place where a needle stands, those that overlap too; until `found` wants no more. */
  find(bytes: Buffer, found: Found): void {
    const shift = this.#shift
    const end = bytes.length - 1
    for (let at = this.#shortest - block; at < end; ) {
      const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
      const step = shift[pair] ?? 1
      if (step === 0) {
        if (!this.#look(bytes, pair, at + block - this.#shortest, found)) return
        at += 1
      } else at += step
    }
  }

  #learn(needle: Needle): void {
    const head = Buffer.from(needle.text, 'latin1').subarray(0, this.#shortest)
    for (let at = 0; at + block <= head.length; at += 1) {
      const pair = head.readUInt16BE(at)
      this.#shift[pair] = Math.min(this.#shift[pair] ?? 0, head.length - block - at)
    }
    const last = head.readUInt16BE(head.length - block)
    this.#ending.set(last, [...(this.#ending.get(last) ?? []), needle])
  }

  #look(bytes: Buffer, pair: number, at: number, found: Found): boolean {
    for (const needle of this.#ending.get(pair) ?? []) {
      if (stands(bytes, at, needle.text) && !found(needle, at)) return false
    }
    return true
  }
}

const stands = (bytes: Buffer, at: number, text: string): boolean => {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false
  }
  return true
}
