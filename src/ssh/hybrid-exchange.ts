import { createPublicKey, diffieHellman, encapsulate, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'

/** As it is named in a list of algorithms. */
export const hybridExchange = 'mlkem768x25519-sha256'

/** Bytes of a key for ML-KEM-768 (FIPS 203, table 3), before the 32 bytes of one for X25519. */
const sealingKeyLength = 1184
const shareLength = sealingKeyLength + 32

/** DER of a public key up to its own bytes: RFC 9935 for ML-KEM-768, RFC 8410 for X25519. */
const sealingKeyPrefix = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex')
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

const publicKey = (prefix: Buffer, bytes: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([prefix, bytes]), format: 'der', type: 'spki' })

/** What the server makes of a client's share. */
export interface HybridAnswer {
  /** Goes to the client. */
  readonly share: Buffer
  /** What both know now. It is hashed as a string, where other exchanges have a number. */
  readonly secret: Buffer
}

/**
 * The server's half of `mlkem768x25519-sha256` (draft-ietf-sshm-mlkem-hybrid-kex): whoever records the connection has to
 * break ML-KEM and X25519 both. Throws for a share that has another length, a key for ML-KEM that is out of range, or a
 * point of X25519 that leaves no secret; OpenSSL looks at both.
 */
export const answerHybrid = (share: Buffer): HybridAnswer => {
  if (share.length !== shareLength) throw new Error(`a share of ${share.length} bytes, in place of ${shareLength}`)
  const sealed = encapsulate(publicKey(sealingKeyPrefix, share.subarray(0, sealingKeyLength)))
  const own = generateKeyPairSync('x25519')
  const theirs = publicKey(x25519Prefix, share.subarray(sealingKeyLength))
  const agreed = diffieHellman({ privateKey: own.privateKey, publicKey: theirs })
  return {
    share: Buffer.concat([sealed.ciphertext, own.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]),
    secret: hash('sha256', Buffer.concat([sealed.sharedKey, agreed]), 'buffer'),
  }
}
