import type { Socket } from 'node:net'

/** How many connections one process has open, over both doors, against the most that it may have. */
export class ConnectionRoom {
  readonly #most: number
  #open = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#open >= this.#most
  }

  /** Counts a connection until it closes. */
  take(socket: Socket): void {
    this.#open += 1
    socket.once('close', () => {
      this.#open -= 1
    })
  }
}
