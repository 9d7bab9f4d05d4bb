import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PacketCipher } from '../../src/ssh/inside-ssh2.ts'
import { hasten } from '../../src/ssh/swift-ciphers.ts'

interface Made extends PacketCipher {
  outSeqno: number
  allocPacket(size: number): Buffer
}

interface Library {
  readonly CIPHER_INFO: Readonly<Record<string, { keyLen: number; ivLen: number }>>
  readonly MAC_INFO: Readonly<Record<string, { len: number }>>
  createCipher(config: object): Made
  readonly init: Promise<void>
}

const library: Library = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js')

const keysFor = (name: string): { cipherKey: Buffer; cipherIV: Buffer; macKey: Buffer } => {
  const { keyLen, ivLen } = library.CIPHER_INFO[name] ?? { keyLen: 0, ivLen: 0 }
  const cipherIV = randomBytes(ivLen)
  // The counter in a nonce soon carries over four bytes.
  if (name.includes('gcm')) cipherIV.fill(0xff, 8)
  return { cipherKey: randomBytes(keyLen), cipherIV, macKey: randomBytes(32) }
}

/** What a cipher of ssh2 writes for these packets, left as it is or made quick. */
const written = (name: string, keys: ReturnType<typeof keysFor>, packets: readonly Buffer[], isQuick: boolean): string => {
  let bytes = Buffer.alloc(0)
  const outbound = {
    seqno: 2 ** 32 - 2,
    cipherInfo: library.CIPHER_INFO[name],
    cipherKey: Buffer.from(keys.cipherKey),
    cipherIV: Buffer.from(keys.cipherIV),
    macInfo: library.MAC_INFO['hmac-sha2-256-etm@openssh.com'],
    macKey: keys.macKey,
    onWrite: (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
    },
  }
  const cipher = library.createCipher({ outbound })
  if (isQuick) hasten(cipher, {})
  for (const packet of packets) cipher.encrypt(Buffer.from(packet))
  return `${cipher.outSeqno} ${bytes.toString('hex')}`
}

const blocks = fc.integer({ min: 1, max: 600 }).chain((count) => fc.uint8Array({ minLength: 16 * count, maxLength: 16 * count }))

/** Four bytes of length, which is not encrypted, before whole blocks. */
const packet = blocks.map((body) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
})

test.each(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr'])(
  'what is sent by %s is, bit by bit, what ssh2 would send',
  async (name) => {
    await library.init
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 4 }), (packets) => {
        const keys = keysFor(name)
        expect(written(name, keys, packets, true)).toBe(written(name, keys, packets, false))
      }),
      { numRuns: 30 },
    )
  },
)
