import { createServer, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { Address } from '../config.ts'
import { type ConnectionRoom, listenBacklog } from '../connections.ts'
import { peerAddress } from '../core/ip-address.ts'
import { serverIsBusy } from '../git/engine.ts'
import { tellLine } from '../log.ts'
import { algorithms } from './algorithms.ts'
import { type ConnectionParts, DoorConnection } from './connection.ts'
import { Crowd, type Shortage } from './crowd.ts'
import { holdFirstReply } from './first-reply.ts'
import { readHostKeys } from './host-keys.ts'
import { showMessages } from './incoming.ts'
import { type Inside, insideOf } from './inside-ssh2.ts'
import { exchangesForSsh2, takeHybrid } from './offer-hybrid.ts'
import { makeOutlet } from './outlet.ts'
import { Restraint } from './restraint.ts'
import { correctSignatureAlgorithms } from './signature-algorithms.ts'
import { hasten } from './swift-ciphers.ts'
import { keepToWindows } from './windows.ts'

export interface SshDoorParts extends ConnectionParts {
  /** Private keys as PEM texts, in a form that ssh2 reads. */
  readonly hostKeys: readonly string[]
  readonly room: ConnectionRoom
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

/** A line before a server's first one is for people (RFC 4253, section 4.2); clients show it when asked to tell more. */
const tooMany = `${serverIsBusy}\r\n`

/** How often a shortage is written to the log at most, in milliseconds. */
const reportEvery = 1000

class Door implements SshDoor {
  readonly #parts: SshDoorParts
  readonly #server: Server
  readonly #crowd: Crowd
  readonly #connections = new Set<DoorConnection>()
  readonly #turnedAway = new Map<Shortage, number>()
  #report: NodeJS.Timeout | undefined
  #ssh: ssh2.Server

  constructor(parts: SshDoorParts) {
    correctSignatureAlgorithms()
    this.#parts = parts
    this.#crowd = new Crowd(parts.limits, parts.room)
    this.#ssh = this.#makeSsh(parts.hostKeys)
    // Without noDelay every small exchange waits for the client's delayed acknowledgement.
    this.#server = createServer({ noDelay: true }, (socket) => this.#receive(socket))
  }

  listen({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, listenBacklog, () => {
        this.#server.off('error', reject)
        this.#server.on('error', this.#onFault)
        const bound = this.#server.address()
        if (bound === null || typeof bound === 'string') reject(new Error('the SSH door has no address'))
        else resolve({ host, port: bound.port })
      })
    })
  }

  async stop(grace: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#crowd.destroyStrangers()
    for (const connection of this.#connections) connection.stop()
    const timer = setTimeout(() => this.#crowd.destroyAll(), grace)
    await closed
    clearTimeout(timer)
  }

  replaceHostKeys(hostKeys: readonly string[]): void {
    this.#ssh = this.#makeSsh(hostKeys)
  }

  readonly #onFault = (fault: Error): void => this.#parts.log.error({ door: 'ssh', err: fault }, 'fault')

  #makeSsh(hostKeys: readonly string[]): ssh2.Server {
    const ssh = new ssh2.Server({
      hostKeys: readHostKeys(hostKeys).map((key) => ({ key })),
      algorithms: { ...algorithms, kex: exchangesForSsh2(algorithms.kex) },
      ident: 'Sallyport',
      keepaliveInterval: this.#parts.limits.keepalive,
      keepaliveCountMax: 3,
    })
    ssh.on('connection', (client, { header }) => this.#meet(client, header))
    ssh.on('error', this.#onFault)
    return ssh
  }

  /** A TCP connection, before a byte of it is read. */
  #receive(socket: Socket): void {
    const shortage = this.#crowd.shortageFor(socket)
    if (shortage !== undefined) {
      this.#turnAway(socket, shortage)
      return
    }
    this.#crowd.add(socket, () => {
      const line = {
        door: 'ssh',
        remote_ip: peerAddress(socket.remoteAddress),
        'meta.refusal_reason': 'login_grace_over',
      }
      tellLine(this.#parts.log, 'warn', line, 'login refused')
    })
    this.#ssh.injectSocket(socket)
  }

  /** An SSH client: its first line has come. */
  #meet(client: ssh2.Connection, header: ssh2.Header): void {
    const inside = insideOf(client)
    const { socket } = inside
    hastenConnection(client, inside)
    const restraint = new Restraint(socket)
    const tellOffers = takeHybrid(inside.protocol, algorithms)
    const keepWindows = keepToWindows(client)
    showMessages(inside.protocol, (payload) => tellOffers(keepWindows(restraint.hear(payload))))
    holdFirstReply(socket, header)
    const connection = new DoorConnection(client, inside, this.#parts, () => {
      this.#crowd.loggedIn(socket)
      restraint.loggedIn()
    })
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }

  /** A flood of connections must not become a flood of lines: they are counted, and told once a second. */
  #turnAway(socket: Socket, shortage: Shortage): void {
    socket.on('error', () => {})
    socket.end(tooMany)
    socket.destroySoon()
    this.#turnedAway.set(shortage, (this.#turnedAway.get(shortage) ?? 0) + 1)
    this.#report ??= setTimeout(() => {
      const line = { door: 'ssh', turned_away: Object.fromEntries(this.#turnedAway) }
      tellLine(this.#parts.log, 'warn', line, 'connection limit reached')
      this.#turnedAway.clear()
      this.#report = undefined
    }, reportEvery).unref()
  }
}

/** Takes what a connection sends out of ssh2's hands. Each key exchange makes new ciphers. */
const hastenConnection = (client: ssh2.Connection, { socket, protocol }: Inside): void => {
  protocol._onWrite = makeOutlet(socket)
  protocol._cipher._onWrite = protocol._onWrite
  client.on('handshake', () => hasten(protocol._cipher, protocol._decipher))
}

export const makeSshDoor = (parts: SshDoorParts): SshDoor => new Door(parts)
