import type { Socket } from 'node:net'
import type { ConnectionRoom } from '../connections.ts'
import type { SshLimits } from './limits.ts'

export type Shortage = 'connections' | 'unauthenticated_of_address'

/** A connection before its login: where it is counted, and how long it may take. */
interface Stranger {
  readonly address: string
  readonly grace: NodeJS.Timeout
}

/** Who is connected, who has not logged in yet, and whether there is room for another. */
export class Crowd {
  readonly #limits: SshLimits
  readonly #room: ConnectionRoom
  readonly #sockets = new Set<Socket>()
  readonly #strangers = new Map<Socket, Stranger>()
  readonly #strangersOf = new Map<string, number>()

  constructor(limits: SshLimits, room: ConnectionRoom) {
    this.#limits = limits
    this.#room = room
  }

  /** Why this connection cannot be taken, if so. A quiet one is closed where there is no room otherwise. */
  shortageFor(socket: Socket): Shortage | undefined {
    const strangers = this.#strangersOf.get(addressOf(socket)) ?? 0
    if (strangers >= this.#limits.unauthenticatedPerAddress) return 'unauthenticated_of_address'
    return this.#room.makeRoom() ? undefined : 'connections'
  }

  /** Counts a connection until it closes; one that has not logged in when the grace is over is closed. */
  add(socket: Socket, onTooSlow: () => void): void {
    const address = addressOf(socket)
    const grace = setTimeout(() => {
      onTooSlow()
      socket.destroy()
    }, this.#limits.loginGrace)
    this.#room.take(socket, 'ssh')
    this.#sockets.add(socket)
    this.#strangers.set(socket, { address, grace })
    this.#strangersOf.set(address, (this.#strangersOf.get(address) ?? 0) + 1)
    socket.once('close', () => {
      this.#endGrace(socket)
      this.#sockets.delete(socket)
    })
  }

  /** The connection is no stranger any more, and gives way to no other. */
  loggedIn(socket: Socket): void {
    this.#room.began(socket)
    this.#endGrace(socket)
  }

  #endGrace(socket: Socket): void {
    const stranger = this.#strangers.get(socket)
    if (stranger === undefined) return
    clearTimeout(stranger.grace)
    this.#strangers.delete(socket)
    const left = (this.#strangersOf.get(stranger.address) ?? 1) - 1
    if (left === 0) this.#strangersOf.delete(stranger.address)
    else this.#strangersOf.set(stranger.address, left)
  }

  destroyStrangers(): void {
    for (const socket of this.#strangers.keys()) socket.destroy()
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

const addressOf = (socket: Socket): string => socket.remoteAddress ?? 'unknown'
