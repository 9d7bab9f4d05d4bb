import type { Socket } from 'node:net'

/** How long a request that may be on its way is waited for, in milliseconds. */
const patience = 250

/** A connection by where it comes from: over TLS, requests know another socket than the listener does. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/**
 * Connections on which no request was heard yet, such as those that browsers open ahead of need. Node counts them as
 * busy, so that a stop would wait for them as for a transfer.
 */
export class SilentConnections {
  readonly #silent = new Map<string, Socket>()

  add(socket: Socket): void {
    const name = nameOf(socket)
    this.#silent.set(name, socket)
    socket.once('close', () => {
      if (this.#silent.get(name) === socket) this.#silent.delete(name)
    })
  }

  heard(socket: Socket): void {
    this.#silent.delete(nameOf(socket))
  }

  /** Closes those on which nothing comes soon. */
  endSoon(): void {
    if (this.#silent.size === 0) return
    setTimeout(() => {
      for (const socket of this.#silent.values()) socket.destroy()
    }, patience)
  }
}
