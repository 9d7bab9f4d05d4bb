import type { Socket } from 'node:net'

/** How long a request that may be on its way is waited for, in milliseconds. */
const patience = 250

/** A connection by where it comes from: over TLS, requests know another socket than the listener does. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/**
 * The connections of the HTTP door, and among them those on which no request was heard yet, such as those that browsers
 * open ahead of need. Node counts them as busy, so that a stop would wait for them as for a transfer.
 */
export class HttpConnections {
  readonly #open = new Map<string, Socket>()
  readonly #silent = new Set<Socket>()

  add(socket: Socket): void {
    const name = nameOf(socket)
    this.#open.set(name, socket)
    this.#silent.add(socket)
    socket.once('close', () => {
      this.#silent.delete(socket)
      if (this.#open.get(name) === socket) this.#open.delete(name)
    })
  }

  /** @returns the connection as the listener knows it */
  heard(socket: Socket): Socket | undefined {
    const connection = this.#open.get(nameOf(socket))
    if (connection !== undefined) this.#silent.delete(connection)
    return connection
  }

  /** Closes those on which nothing comes soon. */
  endSoon(): void {
    if (this.#silent.size === 0) return
    setTimeout(() => {
      for (const socket of this.#silent) socket.destroy()
    }, patience)
  }
}
