import { createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { parsePublicKey } from './ssh-key.ts'
import { WireReader } from './wire-reader.ts'

/** OpenSSH's certificates (OpenSSH, `PROTOCOL.certkeys`), of the one type that we make and take. */
export const certificateType = 'ssh-ed25519-cert-v01@openssh.com'

const keyType = 'ssh-ed25519'
const userCertificate = 1
/** Larger than any that we make. */
const largestBlob = 4096
const mostPrincipals = 16

export interface SshCertificate {
  /** The certified key: 32 bytes of Ed25519. */
  readonly key: Buffer
  readonly serial: number
  readonly keyId: string
  /** User names that it is good for. */
  readonly principals: readonly string[]
  /** Seconds since 1970. */
  readonly validAfter: number
  readonly validBefore: number
}

/** What a certificate's blob says, before anything of it is believed. */
export interface ReadCertificate extends SshCertificate {
  readonly isForUsers: boolean
  readonly hasCriticalOptions: boolean
  /** Of whoever signed: 32 bytes of Ed25519. */
  readonly authority: Buffer
  readonly signed: Buffer
  readonly signature: Buffer
}

const wireNumber = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const wireLong = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

const wireString = (content: string | Buffer): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([wireNumber(bytes.length), bytes])
}

/** DER of an Ed25519 public key up to its 32 bytes (RFC 8410). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

const keyObjectOf = (key: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([ed25519Prefix, key]), format: 'der', type: 'spki' })

/** The 32 bytes of an Ed25519 key's public half. */
export const publicBytesOf = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(ed25519Prefix.length)

/** An Ed25519 public key as the SSH protocol carries it. */
export const ed25519Blob = (key: Buffer): Buffer => Buffer.concat([wireString(keyType), wireString(key)])

/** The 32 bytes of an Ed25519 key that stands in a line of `authorized_keys` form; undefined for anything else. */
export const publicKeyBytes = (line: string): Buffer | undefined => {
  const found = parsePublicKey(line)
  return found?.type === keyType ? typed(found.blob, 32) : undefined
}

/** A string that holds the type's name and `length` bytes, and nothing else. */
const typed = (bytes: Buffer | undefined, length: number): Buffer | undefined => {
  if (bytes === undefined) return undefined
  const reader = new WireReader(bytes)
  const type = reader.string()?.toString('latin1')
  const content = reader.string()
  return type === keyType && content?.length === length && reader.atEnd ? content : undefined
}

const listOf = (bytes: Buffer): readonly string[] | undefined => {
  const reader = new WireReader(bytes)
  const items: string[] = []
  while (!reader.atEnd) {
    const item = reader.string()
    if (item === undefined || items.length === mostPrincipals) return undefined
    items.push(item.toString('utf8'))
  }
  return items
}

/** A number of a certificate, which may say "for ever" with more than any clock will ever show. */
const bounded = (value: bigint): number => Number(value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : value)

interface Parts {
  readonly key: Buffer | undefined
  readonly serial: bigint | undefined
  readonly kind: number | undefined
  readonly keyId: Buffer | undefined
  readonly principals: Buffer | undefined
  readonly after: bigint | undefined
  readonly before: bigint | undefined
  readonly options: Buffer | undefined
}

const readParts = (reader: WireReader): Parts => ({
  key: reader.string(),
  serial: reader.uint64(),
  kind: reader.uint32(),
  keyId: reader.string(),
  principals: reader.string(),
  after: reader.uint64(),
  before: reader.uint64(),
  options: reader.string(),
})

const isComplete = (parts: Parts): parts is { readonly [Name in keyof Parts]: NonNullable<Parts[Name]> } =>
  Object.values(parts).every((part) => part !== undefined)

/** Reads a blob to its last byte; undefined for anything that is no certificate of an Ed25519 key by an Ed25519 key. */
export const readCertificate = (blob: Buffer): ReadCertificate | undefined => {
  if (blob.length > largestBlob) return undefined
  const reader = new WireReader(blob)
  const type = reader.string()?.toString('latin1')
  const nonce = reader.string()
  const parts = readParts(reader)
  const [extensions, reserved] = [reader.string(), reader.string()]
  const authority = typed(reader.string(), 32)
  const signed = blob.subarray(0, reader.offset)
  const signature = typed(reader.string(), 64)
  if (type !== certificateType || nonce === undefined || !isComplete(parts) || parts.key.length !== 32) return undefined
  if (extensions === undefined || reserved === undefined || !reader.atEnd) return undefined
  const principals = listOf(parts.principals)
  if (authority === undefined || signature === undefined || principals === undefined) return undefined
  return {
    key: parts.key,
    serial: bounded(parts.serial),
    keyId: parts.keyId.toString('utf8'),
    principals,
    validAfter: bounded(parts.after),
    validBefore: bounded(parts.before),
    isForUsers: parts.kind === userCertificate,
    hasCriticalOptions: parts.options.length > 0,
    authority,
    signed,
    signature,
  }
}

export type CertificateFault =
  | 'certificate_malformed'
  | 'certificate_of_another_authority'
  | 'certificate_signature_wrong'
  | 'certificate_for_hosts'
  | 'certificate_not_for_this_user'
  | 'certificate_with_options'
  | 'certificate_not_valid_yet'
  | 'certificate_expired'

/** What is asked of a certificate. */
export interface CertificateCheck {
  /** 32 bytes of Ed25519. */
  readonly authority: Buffer
  readonly userName: string
  /** Milliseconds. */
  readonly now: number
}

const faultOf = (found: ReadCertificate, { authority, userName, now }: CertificateCheck): CertificateFault | undefined => {
  if (!found.authority.equals(authority)) return 'certificate_of_another_authority'
  if (!verify(null, found.signed, keyObjectOf(authority), found.signature)) return 'certificate_signature_wrong'
  if (!found.isForUsers) return 'certificate_for_hosts'
  // OpenSSH takes one without names for all names; an authority that makes none has nothing to mean by it.
  if (!found.principals.includes(userName)) return 'certificate_not_for_this_user'
  // An option that is critical must be kept to or refused. None is made, so none is known.
  if (found.hasCriticalOptions) return 'certificate_with_options'
  const seconds = Math.floor(now / 1000)
  if (seconds < found.validAfter) return 'certificate_not_valid_yet'
  return seconds >= found.validBefore ? 'certificate_expired' : undefined
}

/** A certificate that our own authority gave to this user and that holds now, or why it is none. */
export const checkCertificate = (blob: Buffer, check: CertificateCheck): SshCertificate | CertificateFault => {
  const found = readCertificate(blob)
  return found === undefined ? 'certificate_malformed' : (faultOf(found, check) ?? found)
}

/** Whether the certified key made an SSH signature (RFC 8709, section 6: its type's name and 64 bytes). */
export const certifiedKeySigned = ({ key }: Pick<SshCertificate, 'key'>, signed: Buffer, signature: Buffer): boolean => {
  const bytes = typed(signature, 64)
  return bytes !== undefined && verify(null, signed, keyObjectOf(key), bytes)
}

/** Makes a certificate for a user's key, as one line for a `-cert.pub` file. It carries no options and no extensions. */
export const makeCertificate = (certificate: SshCertificate, authority: KeyObject): string => {
  const signed = Buffer.concat([
    wireString(certificateType),
    wireString(randomBytes(32)),
    wireString(certificate.key),
    wireLong(certificate.serial),
    wireNumber(userCertificate),
    wireString(certificate.keyId),
    wireString(Buffer.concat(certificate.principals.map(wireString))),
    wireLong(certificate.validAfter),
    wireLong(certificate.validBefore),
    wireString(''),
    wireString(''),
    wireString(''),
    wireString(ed25519Blob(publicBytesOf(authority))),
  ])
  const signature = Buffer.concat([wireString(keyType), wireString(sign(null, signed, authority))])
  const blob = Buffer.concat([signed, wireString(signature)])
  return `${certificateType} ${blob.toString('base64')} ${certificate.keyId}`
}
