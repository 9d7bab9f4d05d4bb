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
class DoorTraffic {
  readonly #sockets = new Set<Socket>()
  #accepted = 0
  #received = 0
  #sent = 0

  take(socket: Socket): void {
    this.#accepted += 1
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#received += socket.bytesRead
      this.#sent += socket.bytesWritten
    })
  }

  get open(): number {
    return this.#sockets.size
  }

  /** The sockets count by themselves, so that nothing is done for each byte. */
  get total(): Traffic {
    const total = { accepted: this.#accepted, open: this.open, received: this.#received, sent: this.#sent }
    for (const socket of this.#sockets) {
      total.received += socket.bytesRead
      total.sent += socket.bytesWritten
    }
    return total
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
    return this.#doors[door].total
  }
}
