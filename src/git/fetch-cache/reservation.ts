import { type Patch, reservedPatch } from './header.ts'
import type { Room } from './room.ts'

/** The room that one making has taken, as everybody can read it in its file. */
export class Reservation {
  readonly #room: Room
  readonly #inode: number
  readonly #patch: (patch: Patch) => Promise<void>
  #bytes: number
  #granted: Promise<boolean> = Promise.resolve(true)

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
  take(length: number): Promise<boolean> {
    // What was asked for before may not be there yet.
    if (length <= this.#bytes) return this.#granted
    if (length > this.#room.limit) return Promise.resolve(false)
    this.#bytes = Math.ceil(length / this.#room.step) * this.#room.step
    this.#granted = this.#ask()
    return this.#granted
  }

  /** As `take`, for a file that grows without asking: a step more. */
  takeAhead(length: number): Promise<boolean> {
    const margin = Math.min(this.#room.step, this.#bytes) / 2
    return length + margin <= this.#bytes ? this.#granted : this.take(length + this.#room.step)
  }

  async #ask(): Promise<boolean> {
    await this.#patch(reservedPatch(this.#bytes))
    return this.#room.makeFor(this.#inode)
  }
}
