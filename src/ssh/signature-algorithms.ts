import { createRequire } from 'node:module'

/**
 * Signatures that we accept of a client, as `server-sig-algs` tells it (RFC 8308, section 3.1). OpenSSH signs with an
 * RSA key by the first of its own list that stands here.
 */
const signatureAlgorithms = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

const messageExtInfo = 7

/** What we touch of ssh2's `lib/protocol/zlib.js`. */
interface PacketWriter {
  readonly allocStart: number
  alloc(size: number): Buffer
  finalize(packet: Buffer, force?: boolean): Buffer
}

const isPacketWriter = (value: unknown): value is { prototype: PacketWriter } =>
  typeof value === 'function' && typeof value.prototype?.alloc === 'function' && typeof value.prototype.finalize === 'function'

const writerOf = (library: unknown): { prototype: PacketWriter } => {
  const writer = typeof library === 'object' && library !== null && 'PacketWriter' in library ? library.PacketWriter : undefined
  if (!isPacketWriter(writer)) throw new Error('this release of ssh2 has no PacketWriter; see src/ssh/signature-algorithms.ts')
  return writer
}

const lengthBefore = (text: string): Buffer => {
  const bytes = Buffer.alloc(4 + text.length)
  bytes.writeUInt32BE(text.length)
  bytes.write(text, 4, 'latin1')
  return bytes
}

const extInfo = Buffer.concat([
  Buffer.from([messageExtInfo, 0, 0, 0, 1]),
  lengthBefore('server-sig-algs'),
  lengthBefore(signatureAlgorithms.join(',')),
])

let corrected = false

/**
 * ssh2 1.17 sends a fixed `server-sig-algs` in which a comma is missing (`…nistp521rsa-sha2-512,…`), so that no client
 * ever signs with rsa-sha2-512, and which offers ssh-rsa and ssh-dss (`Protocol.js`, `sendExtInfo`). Nothing configures
 * it. All its packets pass `PacketWriter.finalize` before they are encrypted: there this one packet is replaced.
 */
export const correctSignatureAlgorithms = (): void => {
  if (corrected) return
  corrected = true
  const { prototype } = writerOf(createRequire(import.meta.url)('ssh2/lib/protocol/zlib.js'))
  const finalize = prototype.finalize
  prototype.finalize = function (packet, force) {
    const start = this.allocStart
    if (force === true || packet[start] !== messageExtInfo) return finalize.call(this, packet, force)
    const replacement = this.alloc(extInfo.length)
    extInfo.copy(replacement, start)
    return finalize.call(this, replacement, force)
  }
}
