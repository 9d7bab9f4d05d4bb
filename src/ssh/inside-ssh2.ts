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

const isProtocol = (value: unknown): value is Protocol =>
  typeof value === 'object' && value !== null && '_onWrite' in value && '_cipher' in value && isCipher(value._cipher)

/** Looks inside a connection of ssh2 whose first line has come. Throws where another release has other insides. */
export const insideOf = (client: Connection): Inside => {
  const socket = '_sock' in client ? client._sock : undefined
  const protocol = '_protocol' in client ? client._protocol : undefined
  if (isSocket(socket) && isProtocol(protocol)) return { socket, protocol }
  throw new Error('this release of ssh2 keeps its socket or its cipher elsewhere; see src/ssh/inside-ssh2.ts')
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
