import type { Digest } from '../tokens/digest.ts'

/** The number behind a hexadecimal digit. */
const nibble = (digest: Digest, at: number): number => {
  const code = digest.charCodeAt(at)
  return (code & 0xf) + 9 * (code >> 6)
}

const headOf = (digest: Digest): number =>
  (nibble(digest, 0) << 12) | (nibble(digest, 1) << 8) | (nibble(digest, 2) << 4) | nibble(digest, 3)

/** Digests, most of which are not asked for: their beginnings tell that in a few steps. */
export class DigestSet {
  readonly #all: ReadonlySet<Digest>
  readonly #heads = new Uint8Array(65_536)

  constructor(digests: Iterable<Digest>) {
    this.#all = new Set(digests)
    for (const digest of this.#all) this.#heads[headOf(digest)] = 1
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  has(digest: Digest): boolean {
    return this.#heads[headOf(digest)] === 1 && this.#all.has(digest)
  }
}
