import type { Socket } from 'node:net'
import type { Connection, Session } from 'ssh2'

/** What encrypts a connection's packets, whichever of ssh2's ciphers it is. */
export interface PacketCipher {
  _onWrite: (bytes: Buffer) => void
  /** Encrypts a packet that `allocPacket` made, and writes it. */
  encrypt(packet: Buffer): void
}

/** What we touch of ssh2's `lib/protocol/Protocol.js`. */
export interface Protocol {
  /** Handed to each cipher when it is made. */
  _onWrite: (bytes: Buffer) => void
  readonly _cipher: PacketCipher
  readonly _decipher: object
  /** Our offer, while keys are exchanged; undefined at all other times. */
  readonly _kexinit: unknown
  /** What unpacks packets that have come; each exchange of keys puts a new one here. */
  readonly _packetRW: { readonly read: { read(payload: Buffer): Buffer } }
}

/** An exchange of keys under way, of `lib/protocol/kex.js`. */
export interface KeyExchange {
  readonly negotiated: { kex: string }
  /** The client's offer, which is part of what is signed. */
  _remoteKexinit: Buffer
  /** The client's share as it is hashed. */
  convertPublicKey(share: Buffer): Buffer
  /** What both know, as it is hashed; an error ends the connection. Called before our share is asked for. */
  computeSecret(share: Buffer): Buffer | Error
  /** Our share. */
  getPublicKey(): Buffer
}

/** What ssh2 tells only from inside of a connection. */
export interface Inside {
  readonly socket: Socket
  readonly protocol: Protocol
}

const isSocket = (value: unknown): value is Socket =>
  typeof value === 'object' && value !== null && 'remoteAddress' in value && 'cork' in value

const isCipher = (value: unknown): value is PacketCipher =>
  typeof value === 'object' && value !== null && '_onWrite' in value && 'encrypt' in value

const isReader = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'read' in value && typeof value.read === 'function'

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' &&
  value !== null &&
  '_onWrite' in value &&
  '_cipher' in value &&
  isCipher(value._cipher) &&
  '_kexinit' in value &&
  '_packetRW' in value &&
  typeof value._packetRW === 'object' &&
  value._packetRW !== null &&
  'read' in value._packetRW &&
  isReader(value._packetRW.read)

/** Looks inside a connection of ssh2 whose first line has come. Throws where another release has other insides. */
export const insideOf = (client: Connection): Inside => {
  const socket = '_sock' in client ? client._sock : undefined
  const protocol = '_protocol' in client ? client._protocol : undefined
  if (isSocket(socket) && isProtocol(protocol)) return { socket, protocol }
  throw new Error('this release of ssh2 keeps its socket or its cipher elsewhere; see src/ssh/inside-ssh2.ts')
}

const methodsOfExchange = ['convertPublicKey', 'computeSecret', 'getPublicKey'] as const

const isExchange = (value: unknown): value is KeyExchange =>
  typeof value === 'object' &&
  value !== null &&
  '_remoteKexinit' in value &&
  methodsOfExchange.every((name) => typeof Reflect.get(value, name) === 'function')

/** The exchange of keys that is under way. */
export const exchangeOf = (protocol: Protocol): KeyExchange => {
  const exchange: unknown = Reflect.get(protocol, '_kex')
  if (isExchange(exchange)) return exchange
  throw new Error('this release of ssh2 exchanges keys otherwise; see src/ssh/inside-ssh2.ts')
}

/** What a client said when it opened a session. */
export interface Announced {
  /** The most that it wants in one packet, in bytes. */
  packetSize: number
}

const isAnnounced = (value: unknown): value is Announced =>
  typeof value === 'object' && value !== null && 'packetSize' in value && typeof value.packetSize === 'number'

/** What was announced, as ssh2 will keep to it: to change it counts. */
export const announcedBy = (session: Session): Announced => {
  const announced: unknown = Reflect.get(session, '_chanInfo')?.outgoing
  if (isAnnounced(announced)) return announced
  throw new Error('this release of ssh2 keeps the size of packets elsewhere; see src/ssh/inside-ssh2.ts')
}

/** How many bytes a client may send to this channel yet; undefined where there is none, or nothing runs on it. */
export const windowOf = (client: Connection, id: number): number | undefined => {
  const manager: unknown = Reflect.get(client, '_chanMgr')
  if (typeof manager !== 'object' || manager === null || !('get' in manager) || typeof manager.get !== 'function')
    throw new Error('this release of ssh2 keeps its channels elsewhere; see src/ssh/inside-ssh2.ts')
  const window: unknown = manager.get(id)?._channel?.incoming?.window
  return typeof window === 'number' ? window : undefined
}
