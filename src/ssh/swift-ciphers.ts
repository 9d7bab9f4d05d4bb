import { createCipheriv, createSecretKey } from 'node:crypto'
import { giveBack } from '../git/passing.ts'
import type { PacketCipher } from './inside-ssh2.ts'

/** What we touch of `AESGCMCipherNative` in ssh2's `lib/protocol/crypto.js`. */
interface GcmCipher extends PacketCipher {
  readonly _encSSLName: 'aes-128-gcm' | 'aes-256-gcm'
  readonly _encKey: Buffer
  readonly _encIV: Buffer
  readonly _dead: boolean
  outSeqno: number
}

const isGcm = (cipher: object): cipher is GcmCipher =>
  '_encSSLName' in cipher &&
  '_encKey' in cipher &&
  Buffer.isBuffer(cipher._encKey) &&
  '_encIV' in cipher &&
  Buffer.isBuffer(cipher._encIV) &&
  'outSeqno' in cipher

/** The last eight bytes of the nonce count packets (RFC 5647, section 7.1). */
const countUp = (nonce: Buffer): void => {
  nonce.writeBigUInt64BE(BigInt.asUintN(64, nonce.readBigUInt64BE(4) + 1n), 4)
}

/**
 * The work of ssh2's own `encrypt`, with a key that OpenSSL has ready: Node turns a key that is given as bytes into one
 * anew for each packet, which takes longer than to encrypt it. And the packet's memory goes back at once.
 */
const hastenGcm = (cipher: GcmCipher): void => {
  const { _encSSLName: name, _encIV: nonce } = cipher
  const key = createSecretKey(cipher._encKey)
  cipher.encrypt = (packet) => {
    if (cipher._dead) return
    const length = Buffer.from(packet.subarray(0, 4))
    const work = createCipheriv(name, key, nonce).setAAD(length)
    const encrypted = work.update(packet.subarray(4))
    work.final()
    giveBack(packet)
    for (const bytes of [length, encrypted, work.getAuthTag()]) cipher._onWrite(bytes)
    countUp(nonce)
    cipher.outSeqno = (cipher.outSeqno + 1) >>> 0
  }
}

/** Where ssh2's ciphers that are written in JavaScript keep keys that they hand to Node with each packet. */
const keysOfPackets = ['_encKeyMain', '_encKeyPktLen', '_decKeyMain', '_decKeyPktLen', '_decipherKey', '_macKey'] as const

const prepareKeys = (cipher: object): void => {
  for (const name of keysOfPackets) {
    const key: unknown = Reflect.get(cipher, name)
    if (Buffer.isBuffer(key)) Reflect.set(cipher, name, createSecretKey(key))
  }
}

/**
 * Makes a cipher and a decipher of ssh2 quick, once their keys are agreed upon. Those of ssh2's compiled part have no
 * such fields, and stay as they are.
 */
export const hasten = (cipher: PacketCipher, decipher: object): void => {
  if (isGcm(cipher)) hastenGcm(cipher)
  for (const one of [cipher, decipher]) prepareKeys(one)
}
