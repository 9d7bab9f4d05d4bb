import { createServer, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { Address } from '../config.ts'
import { algorithms } from './algorithms.ts'
import { type ConnectionParts, DoorConnection } from './connection.ts'
import { readHostKeys } from './host-keys.ts'
import { correctSignatureAlgorithms } from './signature-algorithms.ts'

export interface SshDoorParts extends ConnectionParts {
  /** Private keys as PEM texts, in a form that ssh2 reads. */
  readonly hostKeys: readonly string[]
}

/** The SSH door of one process. */
export interface SshDoor {
  /** Resolves to the address that it listens on; rejects where that is taken. */
  listen(address: Address): Promise<Address>
  /** Takes no more connections, lets commands end, and cuts off what still runs after `grace` milliseconds. */
  stop(grace: number): Promise<void>
  /** Uses these keys for connections that come from now on. */
  replaceHostKeys(hostKeys: readonly string[]): void
}

/** A connection before its login: what bounds it, and where it is counted. */
interface Stranger {
  readonly address: string
  readonly grace: NodeJS.Timeout
}

type Shortage = 'connections' | 'unauthenticated_of_address'

/** How often a shortage is written to the log at most, in milliseconds. */
const reportEvery = 1000

class Door implements SshDoor {
  readonly #parts: SshDoorParts
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Map<Socket, DoorConnection>()
  readonly #strangers = new Map<Socket, Stranger>()
  readonly #strangersOf = new Map<string, number>()
  readonly #turnedAway = new Map<Shortage, number>()
  #report: NodeJS.Timeout | undefined
  #ssh: ssh2.Server

  constructor(parts: SshDoorParts) {
    correctSignatureAlgorithms()
    this.#parts = parts
    this.#ssh = this.#makeSsh(parts.hostKeys)
    // Without noDelay every small exchange waits for the client's delayed acknowledgement.
    this.#server = createServer({ noDelay: true }, (socket) => this.#receive(socket))
  }

  listen({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        this.#server.on('error', (fault) => this.#parts.log.error({ door: 'ssh', err: fault }, 'fault'))
        const bound = this.#server.address()
        if (bound === null || typeof bound === 'string') return reject(new Error('the SSH door has no address'))
        resolve({ host, port: bound.port })
      })
    })
  }

  async stop(grace: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#strangers.keys()) socket.destroy()
    for (const connection of this.#connections.values()) connection.stop()
    const timer = setTimeout(() => this.#destroyAll(), grace)
    await closed
    clearTimeout(timer)
  }

  replaceHostKeys(hostKeys: readonly string[]): void {
    this.#ssh = this.#makeSsh(hostKeys)
  }

  #makeSsh(hostKeys: readonly string[]): ssh2.Server {
    const { limits, log } = this.#parts
    const ssh = new ssh2.Server({
      hostKeys: readHostKeys(hostKeys).map((key) => ({ key })),
      algorithms,
      ident: 'Sallyport',
      keepaliveInterval: limits.keepalive,
      keepaliveCountMax: 3,
    })
    ssh.on('connection', (client) => {
      const socket = socketOf(client)
      this.#connections.set(socket, new DoorConnection(client, socket, this.#parts, () => this.#loggedIn(socket)))
    })
    ssh.on('error', (fault: Error) => log.error({ door: 'ssh', err: fault }, 'fault'))
    return ssh
  }

  #receive(socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown'
    const shortage = this.#shortage(address)
    if (shortage !== undefined) this.#turnAway(socket, shortage)
    else this.#take(socket, address)
  }

  #take(socket: Socket, address: string): void {
    this.#sockets.add(socket)
    const grace = setTimeout(() => this.#tooSlow(socket), this.#parts.limits.loginGrace)
    this.#strangers.set(socket, { address, grace })
    this.#strangersOf.set(address, (this.#strangersOf.get(address) ?? 0) + 1)
    socket.once('close', () => this.#forget(socket))
    this.#ssh.injectSocket(socket)
  }

  #shortage(address: string): Shortage | undefined {
    const { limits } = this.#parts
    if (this.#sockets.size >= limits.connections) return 'connections'
    const strangers = this.#strangersOf.get(address) ?? 0
    return strangers >= limits.unauthenticatedPerAddress ? 'unauthenticated_of_address' : undefined
  }

  /** A flood of connections must not become a flood of lines: they are counted, and told once a second. */
  #turnAway(socket: Socket, shortage: Shortage): void {
    socket.on('error', () => {})
    socket.destroy()
    this.#turnedAway.set(shortage, (this.#turnedAway.get(shortage) ?? 0) + 1)
    this.#report ??= setTimeout(() => {
      this.#parts.log.warn({ door: 'ssh', turned_away: Object.fromEntries(this.#turnedAway) }, 'connection limit reached')
      this.#turnedAway.clear()
      this.#report = undefined
    }, reportEvery).unref()
  }

  #tooSlow(socket: Socket): void {
    this.#parts.log.info({ door: 'ssh', remote_ip: socket.remoteAddress, reason: 'login_grace_over' }, 'login refused')
    socket.destroy()
  }

  #loggedIn(socket: Socket): void {
    const stranger = this.#strangers.get(socket)
    if (stranger === undefined) return
    clearTimeout(stranger.grace)
    this.#strangers.delete(socket)
    const left = (this.#strangersOf.get(stranger.address) ?? 1) - 1
    if (left === 0) this.#strangersOf.delete(stranger.address)
    else this.#strangersOf.set(stranger.address, left)
  }

  #forget(socket: Socket): void {
    this.#loggedIn(socket)
    this.#sockets.delete(socket)
    this.#connections.delete(socket)
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** ssh2 tells the client's address and port, but its socket only here. */
const socketOf = (client: ssh2.Connection): Socket => {
  const socket: unknown = '_sock' in client ? client._sock : undefined
  if (typeof socket === 'object' && socket !== null && 'remoteAddress' in socket) return socket as Socket
  throw new Error('this release of ssh2 keeps its socket elsewhere; see src/ssh/server.ts')
}

export const makeSshDoor = (parts: SshDoorParts): SshDoor => new Door(parts)
