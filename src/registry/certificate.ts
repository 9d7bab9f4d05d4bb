import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { bits, explicit, integer, longTime, nothing, objectId, octets, sequence, set, shortTime, utf8, yes } from './der.ts'

const ids = { name: '2.5.4.3', rsaWithSha256: '1.2.840.113549.1.1.11', basicConstraints: '2.5.29.19', keyUsage: '2.5.29.15' }

const name = 'Sallyport registry tokens'

/** Before every clock, and "no well-defined end" (RFC 5280, 4.1.2.5): what ends a key is its removal from the bundle. */
const validity = (): Buffer => sequence(shortTime('200101000000Z'), longTime('99991231235959Z'))

const signature = (): Buffer => sequence(objectId(ids.rsaWithSha256), nothing())

const distinguished = (): Buffer => sequence(set(sequence(objectId(ids.name), utf8(name))))

const critical = (id: string, value: Buffer): Buffer => sequence(objectId(id), yes(), octets(value))

/** It stands for itself as a root, and signs tokens. */
const extensions = (): Buffer =>
  sequence(critical(ids.basicConstraints, sequence(yes())), critical(ids.keyUsage, bits(Buffer.from([0x84]), 2)))

export const publicDer = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' })

/** Sixteen bytes that follow from the key, positive and without a leading zero. */
const serialOf = (publicKey: Buffer): Buffer => {
  const serial = createHash('sha256').update(publicKey).digest().subarray(0, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

/**
 * The self-signed certificate (RFC 5280) of a private RSA key, in DER. The same key always gives the same bytes, so that
 * the key alone says which certificate a registry has to know.
 */
export const certificateOf = (key: KeyObject): Buffer => {
  const publicKey = publicDer(key)
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serialOf(publicKey)),
    signature(),
    distinguished(),
    validity(),
    distinguished(),
    publicKey,
    explicit(3, extensions()),
  )
  return sequence(content, signature(), bits(sign('sha256', content, key)))
}

/** @param der a certificate */
export const toPem = (der: Buffer): string => {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** Each certificate of a bundle, in PEM with the line at its end. */
export const pemBlocks = (bundle: string): readonly string[] =>
  bundle.match(/-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n/g) ?? []

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const base32 = (bytes: Buffer): string => {
  const binary = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (binary.match(/.{5}/g) ?? []).map((five) => letters[Number.parseInt(five, 2)] ?? '').join('')
}

/** The name that registries before 3.0 give a key (docker `libtrust`, `keyIDFromCryptoKey`): twelve groups of four. */
export const libtrustId = (key: KeyObject): string => {
  const digest = createHash('sha256').update(publicDer(key)).digest().subarray(0, 30)
  return (base32(digest).match(/.{4}/g) ?? []).join(':')
}
