/** Bytes that are read at once, and that a reader has in memory at most. */
export const pieceLength = 128 * 1_024

/** Pieces of an answer that stay for whoever comes next though nobody is at them. */
const mostIdle = 4

/** Buffers of pieces that were let go, for the next ones: a new buffer costs as much as the reading into it. */
const spare: Buffer[] = []
const mostSpare = 64

/** A part of an answer in memory, for all readers that are at it. */
export class Piece {
  /** Its place in the answer, in bytes. */
  readonly start: number
  readonly #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(pieceLength)
  #length = 0
  #reading: Promise<void> | undefined
  #users = 0
  #isLost = false

  constructor(start: number) {
    this.start = start
  }

  get isIdle(): boolean {
    return this.#users === 0
  }

  /** What there is from this place of the answer on. */
  from(offset: number): Buffer {
    return this.#buffer.subarray(offset - this.start, this.#length)
  }

  enter(): void {
    this.#users += 1
  }

  /** @param isLost whether something may still look at its bytes */
  leave(isLost: boolean): void {
    this.#users -= 1
    this.#isLost ||= isLost
  }

  /** Reads what has come since; those who ask at the same time share one reading. */
  async readMore(read: Read): Promise<void> {
    this.#reading ??= this.#readMore(read).finally(() => {
      this.#reading = undefined
    })
    await this.#reading
  }

  /** Its buffer serves again, unless something may still look at it. */
  letGo(): void {
    if (!this.#isLost && spare.length < mostSpare) spare.push(this.#buffer)
  }

  async #readMore(read: Read): Promise<void> {
    const length = await read(this.#buffer.subarray(this.#length), this.start + this.#length)
    if (length === 0) throw new Error('an answer in the fetch cache is shorter than it was')
    this.#length += length
  }
}

const startOf = (offset: number): number => offset - (offset % pieceLength)

/** Reads into a buffer from this place of the answer on; returns how many bytes there were. */
export type Read = (buffer: Buffer, offset: number) => Promise<number>

/**
 * What is in memory of one answer. Readers at the same place, as those are who wait for the next bytes of a pack that is
 * being made, share one reading and one piece.
 */
export class Pieces {
  readonly #read: Read
  /** Those that nobody has used for longest come first. */
  readonly #pieces = new Map<number, Piece>()

  constructor(read: Read) {
    this.#read = read
  }

  /** The piece in which this place is, with a byte from there on at least. It is the caller's until it is given back. */
  async take(offset: number): Promise<Piece> {
    const piece = this.#pieceAt(startOf(offset))
    piece.enter()
    try {
      while (piece.from(offset).length === 0) await piece.readMore(this.#read)
      return piece
    } catch (fault) {
      this.giveBack(piece, false)
      throw fault
    }
  }

  /** Reads the piece of this place, which somebody will want soon, while few others are read. */
  expect(offset: number): void {
    if (this.#pieces.size > mostIdle || this.#pieces.has(startOf(offset))) return
    this.take(offset).then(
      (piece) => this.giveBack(piece, false),
      // Whoever takes it is told.
      () => {},
    )
  }

  /** @param isLost whether something may still look at its bytes */
  giveBack(piece: Piece, isLost: boolean): void {
    piece.leave(isLost)
    if (piece.isIdle) this.#keepIdle(mostIdle)
  }

  /** Nobody reads the answer for now. */
  clear(): void {
    this.#keepIdle(0)
  }

  #pieceAt(start: number): Piece {
    const piece = this.#pieces.get(start) ?? new Piece(start)
    this.#pieces.delete(start)
    this.#pieces.set(start, piece)
    return piece
  }

  #keepIdle(most: number): void {
    const idle = [...this.#pieces.values()].filter(({ isIdle }) => isIdle)
    for (const piece of idle.slice(0, Math.max(0, idle.length - most))) {
      this.#pieces.delete(piece.start)
      piece.letGo()
    }
  }
}
