import { createHash } from 'node:crypto'
import { WireReader } from './wire-reader.ts'

/** A public key of `authorized_keys` form that was read to its last byte. */
export interface ParsedPublicKey {
  readonly type: PublicKeyType
  /** The key as the SSH protocol carries it; fingerprints are made of this. */
  readonly blob: Buffer
  readonly comment: string
  readonly bits: number
  /** `type base64 comment`, with single blanks. */
  readonly line: string
  /** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprintSha256: string
  /** MD5 as hexadecimal pairs with colons. */
  readonly fingerprintMd5: string
}

/** Longest line that is looked at, in characters; an RSA key of 16,384 bits takes about 2,800. */
const longestLine = 16_384
const fewestRsaBits = 1024
const mostRsaBits = 16_384

/** Reads what follows the type's name and answers the key's size in bits, or `undefined` for a malformed key. */
type BodyReader = (reader: WireReader) => number | undefined

const readEd25519: BodyReader = (reader) => (reader.string()?.length === 32 ? 256 : undefined)

/** A security key adds the application that it belongs to: `ssh:` unless its owner chose another. */
const readSecurityKey: BodyReader = (reader) => {
  const bits = readEd25519(reader)
  const application = reader.string()
  return application !== undefined && application.length > 0 && application.length <= 255 ? bits : undefined
}

/** Uncompressed points only, as OpenSSH makes them: 0x04 and both coordinates. */
const readEcdsa =
  (curve: string, bits: number): BodyReader =>
  (reader) => {
    const named = reader.string()?.toString('latin1')
    const point = reader.string()
    return named === curve && point?.[0] === 0x04 && point.length === 1 + 2 * Math.ceil(bits / 8) ? bits : undefined
  }

const readRsa: BodyReader = (reader) => {
  const exponent = reader.positiveNumber()
  const modulus = reader.positiveNumber()
  const top = modulus?.[0]
  const oddExponent = exponent !== undefined && exponent.length <= 8 && ((exponent.at(-1) ?? 0) & 1) === 1
  if (!oddExponent || modulus === undefined || top === undefined) return undefined
  const bits = modulus.length * 8 - Math.clz32(top) + 24
  return bits >= fewestRsaBits && bits <= mostRsaBits && ((modulus.at(-1) ?? 0) & 1) === 1 ? bits : undefined
}

/** Types that may be stored. DSA, certificates and all others are refused. */
const bodyReaders = {
  'ssh-ed25519': readEd25519,
  'ssh-rsa': readRsa,
  'ecdsa-sha2-nistp256': readEcdsa('nistp256', 256),
  'ecdsa-sha2-nistp384': readEcdsa('nistp384', 384),
  'ecdsa-sha2-nistp521': readEcdsa('nistp521', 521),
  'sk-ssh-ed25519@openssh.com': readSecurityKey,
} as const satisfies Record<string, BodyReader>

export type PublicKeyType = keyof typeof bodyReaders

const isPublicKeyType = (type: string): type is PublicKeyType => Object.hasOwn(bodyReaders, type)

/** `SHA256:…` of a key blob, the name by which stored keys are found. */
export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

const md5Of = (blob: Buffer): string =>
  createHash('md5')
    .update(blob)
    .digest('hex')
    .replace(/..(?!$)/g, '$&:')

/** The type and size of a key blob that is well-formed to its last byte. */
export const inspectBlob = (blob: Buffer): { readonly type: PublicKeyType; readonly bits: number } | undefined => {
  const reader = new WireReader(blob)
  const type = reader.string()?.toString('latin1')
  if (type === undefined || !isPublicKeyType(type)) return undefined
  const bits = bodyReaders[type](reader)
  return bits !== undefined && reader.atEnd ? { type, bits } : undefined
}

/** Base64 in its one canonical form; Buffer alone would overlook stray characters. */
const decodeBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/** One visible line: a control character in a comment could forge a second entry or a terminal's screen. */
const line = /^(\S+) +(\S+)(?: +(\P{Cc}*))?$/u

/**
 * Reads one line `type base64 [comment]`, without options. `undefined` for anything else, and for keys that are
 * malformed, of a type that is not accepted, or RSA below 1024 or above 16,384 bits.
 */
export const parsePublicKey = (text: string): ParsedPublicKey | undefined => {
  if (text.length > longestLine) return undefined
  const [, type, base64, comment = ''] = line.exec(text.trim()) ?? []
  const blob = base64 === undefined ? undefined : decodeBase64(base64)
  const found = blob && inspectBlob(blob)
  if (blob === undefined || found === undefined || found.type !== type) return undefined
  return {
    type: found.type,
    blob,
    comment,
    bits: found.bits,
    line: [type, base64, comment].filter((part) => part !== '').join(' '),
    fingerprintSha256: fingerprintOf(blob),
    fingerprintMd5: md5Of(blob),
  }
}
