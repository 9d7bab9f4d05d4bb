import { type Patch, reservedPatch } from './header.ts'
import type { Room } from './room.ts'

/** The room that one making has taken, as everybody can read it in its file. */
export class Reservation {
  readonly #room: Room
  readonly #inode: number
  readonly #patch: (patch: Patch) => Promise<void>
  #bytes: number
  #ahead: Promise<boolean> | undefined

  /**
   * @param inode of the file
   * @param patch writes into its header
   */
  constructor(room: Room, inode: number, patch: (patch: Patch) => Promise<void>) {
    this.#room = room
    this.#inode = inode
    this.#patch = patch
    this.#bytes = room.firstStep
  }

  /** Whether a file of this length has room, after everything went that had to. */
  async take(length: number): Promise<boolean> {
    if (length <= this.#bytes) return true
    this.#bytes = Math.ceil(length / this.#room.step) * this.#room.step
    await this.#patch(reservedPatch(this.#bytes))
    return this.#room.makeFor(this.#inode)
  }

  /** As `take`, for a file that grows without asking: a step more, and once at a time. */
  takeAhead(length: number): Promise<boolean> {
    const margin = Math.min(this.#room.step, this.#bytes) / 2
    if (length + margin <= this.#bytes) return Promise.resolve(true)
    this.#ahead ??= this.take(length + this.#room.step).finally(() => {
      this.#ahead = undefined
    })
    return this.#ahead
  }
}
