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

/** How many connections one process has open, over both doors, against the most that it may have. */
export class ConnectionRoom {
  readonly #most: number
  readonly #doors: Readonly<Record<Door, DoorTraffic>> = { http: new DoorTraffic(), ssh: new DoorTraffic() }

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#doors.http.open + this.#doors.ssh.open >= this.#most
  }

  /** Counts a connection until it closes. */
  take(socket: Socket, door: Door): void {
    this.#doors[door].take(socket)
  }

  traffic(door: Door): Traffic {
    return this.#doors[door]
  }
}
