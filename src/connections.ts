import type { Socket } from 'node:net'

export type Door = 'http' | 'ssh'

/** What went over the connections of one door so far. */
export interface Traffic {
  readonly accepted: number
  readonly open: number
  readonly received: number
  readonly sent: number
}

/** The connections of one door, with what went over those that are closed. */
class DoorTraffic implements Traffic {
  readonly #sockets = new Set<Socket>()
  #accepted = 0
  #receivedBefore = 0
  #sentBefore = 0

  take(socket: Socket): void {
    this.#accepted += 1
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#receivedBefore += socket.bytesRead
      this.#sentBefore += socket.bytesWritten
    })
  }

  get accepted(): number {
    return this.#accepted
  }

  get open(): number {
    return this.#sockets.size
  }

  /** Sockets count by themselves, so that nothing is done for each byte. */
  get received(): number {
    let bytes = this.#receivedBefore
    for (const socket of this.#sockets) bytes += socket.bytesRead
    return bytes
  }

  get sent(): number {
    let bytes = this.#sentBefore
    for (const socket of this.#sockets) bytes += socket.bytesWritten
    return bytes
  }
}

/** A connection that is open: from where, and how much runs on it. */
interface Guest {
  readonly address: string
  running: number
}

/**
 * The connections that one process has open, over both doors, against the most that it may have. Where there are so many,
 * one on which nothing runs gives way to the next that comes: the oldest of the address that has most of such. So whoever
 * holds connections without using them keeps nobody out.
 */
export class ConnectionRoom {
  readonly #most: number
  readonly #doors: Readonly<Record<Door, DoorTraffic>> = { http: new DoorTraffic(), ssh: new DoorTraffic() }
  readonly #guests = new Map<Socket, Guest>()
  /** Connections on which nothing runs, by address, the oldest first. */
  readonly #quiet = new Map<string, Set<Socket>>()

  constructor(most: number) {
    this.#most = most
  }

  /** Whether another connection may come; closes a quiet one where there is no room otherwise. */
  makeRoom(): boolean {
    if (this.#guests.size < this.#most) return true
    const socket = this.#mostDispensable()
    if (socket === undefined) return false
    this.#forget(socket)
    socket.destroy()
    return true
  }

  /** Counts a connection until it closes. Nothing runs on it yet. */
  take(socket: Socket, door: Door): void {
    this.#doors[door].take(socket)
    const guest = { address: socket.remoteAddress ?? 'unknown', running: 0 }
    this.#guests.set(socket, guest)
    this.#addQuiet(socket, guest)
    socket.once('close', () => this.#forget(socket))
  }

  /** Something runs on the connection: it does not give way until that is over. */
  began(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined) return
    guest.running += 1
    this.#removeQuiet(socket, guest)
  }

  ended(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined) return
    guest.running -= 1
    if (guest.running === 0) this.#addQuiet(socket, guest)
  }

  traffic(door: Door): Traffic {
    return this.#doors[door]
  }

  #mostDispensable(): Socket | undefined {
    let most: ReadonlySet<Socket> = new Set()
    for (const sockets of this.#quiet.values()) if (sockets.size > most.size) most = sockets
    return most.values().next().value
  }

  #addQuiet(socket: Socket, { address }: Guest): void {
    const others = this.#quiet.get(address)
    if (others === undefined) this.#quiet.set(address, new Set([socket]))
    else others.add(socket)
  }

  #removeQuiet(socket: Socket, { address }: Guest): void {
    const sockets = this.#quiet.get(address)
    sockets?.delete(socket)
    if (sockets?.size === 0) this.#quiet.delete(address)
  }

  #forget(socket: Socket): void {
    const guest = this.#guests.get(socket)
    if (guest === undefined) return
    this.#guests.delete(socket)
    this.#removeQuiet(socket, guest)
  }
}

/** Connections that the system keeps for a door until it can be opened to them; of more, it makes clients try again a second later. */
export const listenBacklog = 4_096
