import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type KeyOffer, keyFault, signedBy } from '../../src/ssh/signed-key.ts'
import { wireString } from './agent.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = rsa.publicKey.export({ format: 'jwk' })
const mpint = (base64url: string | undefined): Buffer => {
  const bytes = Buffer.from(base64url ?? '', 'base64url')
  return wireString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}
const rsaBlob = Buffer.concat([wireString('ssh-rsa'), mpint(jwk.e), mpint(jwk.n)])
const offer = (changes: Partial<KeyOffer> = {}): KeyOffer => ({
  algorithm: 'ssh-rsa',
  blob: rsaBlob,
  hash: 'sha512',
  proof: undefined,
  ...changes,
})

describe('what cannot be used here', () => {
  test.each<[string, Partial<KeyOffer>, ReturnType<typeof keyFault>]>([
    ['RSA with SHA-512', {}, undefined],
    ['RSA with SHA-256', { hash: 'sha256' }, undefined],
    ['RSA with SHA-1', { hash: undefined }, 'signature_sha1_refused'],
    ['a blob of another type', { algorithm: 'ssh-ed25519' }, 'key_malformed'],
    ['a blob with bytes behind it', { blob: Buffer.concat([rsaBlob, Buffer.from([0])]) }, 'key_malformed'],
    ['an empty blob', { blob: Buffer.alloc(0) }, 'key_malformed'],
    ['DSA', { algorithm: 'ssh-dss' }, 'key_type_refused'],
    ['a certificate', { algorithm: 'ssh-ed25519-cert-v01@openssh.com' }, 'key_type_refused'],
  ])('%s', (_name, changes, fault) => {
    expect(keyFault(offer(changes))).toBe(fault)
  })
})

describe('an RSA signature', () => {
  const signed = Buffer.from('the session and the request')
  test.each([
    ['sha512', 'sha512', true],
    ['sha256', 'sha256', true],
    ['sha256', 'sha512', false],
    ['sha1', 'sha512', false],
  ])('made with %s and named %s: %s', (made, hash, counts) => {
    const signature = sign(made, signed, rsa.privateKey)
    expect(signedBy(offer({ hash }), { signed, signature })).toBe(counts)
    expect(signedBy(offer({ hash }), { signed: Buffer.from('another request'), signature })).toBe(false)
  })
})
