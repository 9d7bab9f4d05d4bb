import { readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { End } from './ending.ts'
import { headerLength } from './header.ts'
import { Pieces } from './pieces.ts'

/** Growth in bytes that is told at once. Less of it waits a little, so that many readers do not wake for each line. */
const tellAfter = 256 * 1_024

/** How long it waits, in milliseconds. */
const tellLater = 10

/** A reading that takes longer, in milliseconds, waited for the disk. */
const longestStep = 2

/** Of a small answer everything is told at once. */
const small = 64 * 1_024

/** The file of an answer, open in this process: how far it has grown, whether it is over, and who waits for more. */
export class Answer {
  readonly handle: FileHandle
  /** The name in `open/` that this process holds it by. */
  readonly link: string
  readonly inode: number
  /** What of it is in memory. */
  readonly pieces = new Pieces((buffer, offset) => this.read(buffer, buffer.length, offset))
  /** Bytes of another answer, from its start on, that this one is known to have too. */
  readonly sameAs = new WeakMap<Answer, number>()
  #isInMemory = true
  #size = 0
  #told = 0
  #end: End | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #waiting = new Set<() => void>()

  constructor(handle: FileHandle, link: string, inode: number) {
    this.handle = handle
    this.link = link
    this.inode = inode
  }

  /** Bytes of the answer that can be read. */
  get size(): number {
    return this.#size
  }

  /** Undefined while it grows. */
  get end(): End | undefined {
    return this.#end
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0
  }

  grew(size: number): void {
    if (size <= this.#size) return
    this.#size = size
    if (size <= small || size - this.#told >= tellAfter) this.#tell()
    else this.#timer ??= setTimeout(() => this.#tell(), tellLater)
  }

  /** The first end counts. */
  finish(end: End): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#tell()
  }

  /** Calls back once, at the next change. Returns the way to wait no longer. */
  onChange(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => this.#waiting.delete(wake)
  }

  /**
   * Reads in step for as long as that is quick: what was written a moment ago is in memory, and to have another thread
   * read it costs three times as much. Once the disk was waited for, the rest is read in the background.
   */
  async read(buffer: Buffer, length: number, offset: number): Promise<number> {
    if (this.#isInMemory) {
      const begun = performance.now()
      const bytes = readSync(this.handle.fd, buffer, 0, length, headerLength + offset)
      this.#isInMemory = performance.now() - begun < longestStep
      return bytes
    }
    const { bytesRead } = await this.handle.read(buffer, 0, length, headerLength + offset)
    return bytesRead
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#told = this.#size
    const woken = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of woken) wake()
  }
}
