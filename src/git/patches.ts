import type { ByteReader } from './byte-reader.ts'

/** What git writes on one file of a diff, without the lines that name the file. */
export interface Patch {
  /** From the first `@@` on, or that binary files differ; undefined where it is larger than was wanted. */
  readonly text: Buffer | undefined
  /** Bytes. */
  readonly size: number
  readonly lines: number
}

const head = Buffer.from('diff --git ')
const beginnings = [Buffer.from('@@ '), Buffer.from('Binary files ')]

const startsWith = (line: Buffer, word: Buffer): boolean => line.subarray(0, word.length).equals(word)

const lineFeed = Buffer.from('\n')

/** Gathers one patch as its lines go by, and no more of it than is wanted. */
class Gathering implements Patch {
  readonly #most: number
  #pieces: Buffer[] = []
  #hasBegun = false
  size = 0
  lines = 0

  constructor(most: number) {
    this.#most = most
  }

  get text(): Buffer | undefined {
    return this.size > this.#most ? undefined : Buffer.concat(this.#pieces)
  }

  add(line: Buffer, size: number): void {
    this.#hasBegun ||= beginnings.some((word) => startsWith(line, word))
    if (!this.#hasBegun) return
    this.size += size
    this.lines += 1
    if (this.size > this.#most) this.#pieces = []
    else this.#pieces.push(line, lineFeed)
  }
}

/**
 * The patches of a diff. Every line inside of one begins with a sign of its own, and names are quoted: nothing that lies in
 * a repository can begin another.
 * @param most bytes of a patch that are wanted
 */
export async function* readPatches(reader: ByteReader, most: number): AsyncGenerator<Patch> {
  let patch: Gathering | undefined
  for (;;) {
    const line = await reader.untilCut(0x0a, Math.max(most, head.length))
    if (line === undefined) break
    if (startsWith(line.kept, head)) {
      if (patch !== undefined) yield patch
      patch = new Gathering(most)
    } else patch?.add(line.kept, line.size)
  }
  if (patch !== undefined) yield patch
}
