import { createHash, createPublicKey, verify } from 'node:crypto'
import ssh2 from 'ssh2'
import { inspectBlob } from '../tokens/ssh-key.ts'

/** A public key as a client names it in a login request, with or without its signature over the session. */
export interface KeyOffer {
  readonly algorithm: string
  readonly blob: Buffer
  /** How the key signs; undefined for an RSA key means SHA-1. */
  readonly hash: string | undefined
  /** Present in the request that counts; an offer without it proves nothing. */
  readonly proof: Proof | undefined
}

export interface Proof {
  readonly signed: Buffer
  readonly signature: Buffer
}

export type KeyFault = 'key_malformed' | 'key_type_refused' | 'signature_sha1_refused'

const isRefusedType = (algorithm: string): boolean => algorithm.includes('-cert-') || algorithm === 'ssh-dss'

/** Why a key cannot be used here, whoever owns it. */
export const keyFault = ({ algorithm, blob, hash }: KeyOffer): KeyFault | undefined => {
  if (isRefusedType(algorithm)) return 'key_type_refused'
  if (inspectBlob(blob)?.type !== algorithm) return 'key_malformed'
  return algorithm === 'ssh-rsa' && hash === undefined ? 'signature_sha1_refused' : undefined
}

const securityKey = 'sk-ssh-ed25519@openssh.com'
/** A security key's blob: its type, its 32 bytes and its application, each behind a length of four bytes. */
const pointAt = 4 + securityKey.length + 4
const applicationAt = pointAt + 32 + 4
/** DER of an Ed25519 public key up to its 32 bytes (RFC 8410). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')
const userPresent = 0x01

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

/**
 * A security key signs the digests of its application and of the request, with a byte of flags and a counter between
 * them (OpenSSH, `PROTOCOL.u2f`). It must have been touched.
 */
const securityKeySigned = (blob: Buffer, { signed, signature }: Proof): boolean => {
  const flagsAndCounter = signature.subarray(64)
  if (flagsAndCounter.length !== 5 || ((flagsAndCounter[0] ?? 0) & userPresent) === 0) return false
  const message = Buffer.concat([sha256(blob.subarray(applicationAt)), flagsAndCounter, sha256(signed)])
  const der = Buffer.concat([ed25519Prefix, blob.subarray(pointAt, pointAt + 32)])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature.subarray(0, 64))
}

/** Whether the key of a usable offer (`keyFault`) made the signature that came with it. */
export const signedBy = ({ algorithm, blob, hash }: KeyOffer, proof: Proof): boolean => {
  if (algorithm === securityKey) return securityKeySigned(blob, proof)
  const key = ssh2.utils.parseKey(`${algorithm} ${blob.toString('base64')}`)
  if (key instanceof Error) return false
  // ssh2 answers an Error where it should say false, so only the value true counts.
  return key.verify(proof.signed, proof.signature, hash) === true
}
