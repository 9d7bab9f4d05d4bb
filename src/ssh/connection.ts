import type { Connection } from 'ssh2'
import { peerAddress } from '../core/ip-address.ts'
import { tellLine } from '../log.ts'
import type { ChannelEnds } from './channel-ends.ts'
import { announcedBy, type Inside } from './inside-ssh2.ts'
import type { SshLimits } from './limits.ts'
import { Login, type LoginParts, type Signed } from './login.ts'
import type { ServeParts } from './serve.ts'
import { type Attendance, attendSession, type Visitor } from './session.ts'
import { makeWire } from './wire.ts'

/**
 * Smallest packets that a client may ask for, in bytes. Each costs us the same work whatever is in it, and for one of 0
 * bytes ssh2 would go round for ever.
 */
const leastPacket = 256
/** Largest packets that we send, in bytes, whatever a client asks for: every client takes them (RFC 4253, section 6.1). */
const mostPacket = 32_768

/** How long a client may take to close its side once ours is, in milliseconds. */
const farewell = 10_000

export interface ConnectionParts extends ServeParts, Pick<LoginParts, 'keyKnown' | 'certificates'> {
  readonly limits: SshLimits
}

/** One client's connection, from its first line to its end. */
export class DoorConnection implements Attendance {
  readonly #client: Connection
  readonly #inside: Inside
  readonly #parts: ConnectionParts
  readonly #address: string | undefined
  readonly #running = new Set<ChannelEnds>()
  #sessions = 0
  #idle: NodeJS.Timeout | undefined
  #farewell: NodeJS.Timeout | undefined
  #stopping = false

  /** @param onLogin called once, when a key has signed */
  constructor(client: Connection, inside: Inside, parts: ConnectionParts, onLogin: () => void) {
    this.#client = client
    this.#inside = inside
    this.#parts = parts
    this.#address = peerAddress(inside.socket.remoteAddress)
    const { keyKnown, certificates, limits, log } = parts
    const fields = { door: 'ssh', remote_ip: this.#address ?? 'unknown' }
    const onFault = (fault: unknown): void => log.error({ ...fields, err: fault }, 'fault at login')
    const login = new Login(client, { keyKnown, certificates, failedTries: limits.failedTries, onFault })
    let loggedIn = false
    client.on('ready', () => {
      loggedIn = this.#enter(login.signed)
      onLogin()
    })
    // Protocol errors, resets and dead clients: the connection closes, and that is all there is to do about them.
    client.on('error', (error: Error) => {
      log.debug({ ...fields, reason: error.message }, 'connection broken')
      this.#end()
    })
    client.on('close', () => {
      this.#close()
      if (!loggedIn && login.refused !== undefined) tellLine(log, 'warn', { ...fields, ...login.refused }, 'login refused')
    })
  }

  /** Ends the connection as soon as no command runs on it. */
  stop(): void {
    this.#stopping = true
    if (this.#running.size === 0) this.#end()
  }

  destroy(): void {
    this.#inside.socket.destroy()
  }

  started(ends: ChannelEnds): void {
    this.#running.add(ends)
    clearTimeout(this.#idle)
  }

  ended(ends: ChannelEnds): void {
    this.#running.delete(ends)
    if (this.#running.size > 0 || this.#inside.socket.destroyed) return
    if (this.#stopping && this.#sessions === 0) this.#end()
    else this.#watchIdle()
  }

  /** A stop waits for the client's own close, which comes once it has read the exit status. */
  #sessionClosed(): void {
    this.#sessions -= 1
    if (this.#stopping && this.#running.size === 0) this.#end()
  }

  #enter(signed: Signed | undefined): boolean {
    if (signed === undefined) {
      this.destroy()
      return false
    }
    const visitor: Visitor = {
      presented: signed,
      address: this.#address,
      wire: makeWire(this.#client, this.#inside),
      silence: this.#parts.limits.silence,
    }
    this.#client.on('session', (accept, reject) => {
      if (this.#sessions >= this.#parts.limits.sessions || this.#stopping) return reject()
      const session = accept()
      const announced = announcedBy(session)
      if (announced.packetSize < leastPacket) return void this.#end()
      announced.packetSize = Math.min(announced.packetSize, mostPacket)
      this.#sessions += 1
      session.once('close', () => this.#sessionClosed())
      attendSession(session, visitor, this.#parts, this)
    })
    this.#watchIdle()
    return true
  }

  /** Says that this is the end. A client that does not close its side, though it is told, is cut off. */
  #end(): void {
    this.#client.end()
    if (this.#inside.socket.destroyed) return
    this.#farewell ??= setTimeout(() => this.destroy(), farewell)
  }

  #watchIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#end(), this.#parts.limits.idle)
  }

  #close(): void {
    clearTimeout(this.#idle)
    clearTimeout(this.#farewell)
    for (const ends of this.#running) ends.leave()
  }
}
