import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  certifiedKeySigned,
  checkCertificate,
  makeCertificate,
  publicBytesOf,
  publicKeyBytes,
  readCertificate,
  type SshCertificate,
} from '../../src/tokens/ssh-certificate.ts'
import { wireString } from '../ssh/agent.ts'

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const [authority, another, own] = [newKey(), newKey(), newKey()]
const now = 1_800_000_000_000
const seconds = now / 1000

const usual: SshCertificate = {
  key: publicBytesOf(own),
  serial: 7,
  keyId: 'sallyport-trust-1-7',
  principals: ['git'],
  validAfter: seconds - 60,
  validBefore: seconds + 600,
}

const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1] ?? '', 'base64')
const made = (fields: Partial<SshCertificate> = {}, by = authority): Buffer =>
  blobOf(makeCertificate({ ...usual, ...fields }, by))

const check = { authority: publicBytesOf(authority), userName: 'git', now }
const verdict = (blob: Buffer, asked = check): string => {
  const found = checkCertificate(blob, asked)
  return typeof found === 'string' ? found : `good ${found.serial}`
}

/** The same with some bytes changed and signed anew, as only the authority could. */
const resigned = (blob: Buffer, change: (signed: Buffer) => Buffer): Buffer => {
  const read = readCertificate(blob)
  if (read === undefined) throw new Error('no certificate')
  const signed = change(Buffer.from(read.signed))
  const signature = Buffer.concat([wireString('ssh-ed25519'), wireString(sign(null, signed, authority))])
  return Buffer.concat([signed, wireString(signature)])
}

/** Where type and times stand in one that was made with the usual fields: behind four strings and a number. */
const at = 4 + 32 + 4 + 32 + 4 + 32 + 8
const forHosts = (signed: Buffer): Buffer => {
  signed.writeUInt32BE(2, at)
  return signed
}
const withOptions = (blob: Buffer): Buffer =>
  resigned(blob, (signed) => {
    const option = Buffer.concat([wireString('force-command'), wireString(wireString('true'))])
    const options = at + 4 + 4 + usual.keyId.length + 4 + 4 + 3 + 16
    return Buffer.concat([signed.subarray(0, options), wireString(option), signed.subarray(options + 4)])
  })

const rows: readonly [string, string, string][] = [
  ['as it is made', verdict(made()), 'good 7'],
  ['of another authority', verdict(made({}, another)), 'certificate_of_another_authority'],
  [
    'that names ours and is signed by another',
    verdict(made(), { ...check, authority: publicBytesOf(another) }),
    'certificate_of_another_authority',
  ],
  ['for another user', verdict(made({ principals: ['root'] })), 'certificate_not_for_this_user'],
  ['for one among others', verdict(made({ principals: ['root', 'git'] })), 'good 7'],
  ['for nobody by name', verdict(made({ principals: [] })), 'certificate_not_for_this_user'],
  ['that begins in a second', verdict(made({ validAfter: seconds + 1 })), 'certificate_not_valid_yet'],
  ['that ends now', verdict(made({ validBefore: seconds })), 'certificate_expired'],
  ['that ends in a second', verdict(made({ validBefore: seconds + 1 })), 'good 7'],
  ['with a critical option', verdict(withOptions(made())), 'certificate_with_options'],
  ['for hosts', verdict(resigned(made(), forHosts)), 'certificate_for_hosts'],
  ['with a byte behind it', verdict(Buffer.concat([made(), Buffer.from([0])])), 'certificate_malformed'],
  ['that is too large', verdict(made({ keyId: 'x'.repeat(5_000) })), 'certificate_malformed'],
  [
    'with more names than anybody needs',
    verdict(made({ principals: Array.from({ length: 17 }, () => 'git') })),
    'certificate_malformed',
  ],
  ['that is a plain key', verdict(Buffer.concat([wireString('ssh-ed25519'), wireString(usual.key)])), 'certificate_malformed'],
]

test.each(rows)('a certificate %s', (_what, gives, expected) => {
  expect(gives).toBe(expected)
})

test('no byte of a certificate can be changed', () => {
  const good = made()
  fc.assert(
    fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (offset, flip) => {
      const changed = Buffer.from(good)
      changed[offset] = (changed[offset] ?? 0) ^ flip
      expect(verdict(changed)).not.toMatch(/^good/)
    }),
  )
})

test('whatever bytes there are, reading ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(300), (bytes, cut) => {
      expect(readCertificate(Buffer.from(bytes))).toBeUndefined()
      expect(readCertificate(made().subarray(0, cut))).toBeUndefined()
    }),
  )
})

test('only the certified key proves that it is held', () => {
  const signed = Buffer.from('this session')
  const by = (key: KeyObject, what: Buffer, type = 'ssh-ed25519') =>
    Buffer.concat([wireString(type), wireString(sign(null, what, key))])
  expect(certifiedKeySigned(usual, signed, by(own, signed))).toBe(true)
  expect(certifiedKeySigned(usual, signed, by(another, signed))).toBe(false)
  expect(certifiedKeySigned(usual, signed, by(authority, signed))).toBe(false)
  expect(certifiedKeySigned(usual, signed, by(own, Buffer.from('another')))).toBe(false)
  expect(certifiedKeySigned(usual, signed, by(own, signed, 'ssh-rsa'))).toBe(false)
  expect(certifiedKeySigned(usual, signed, sign(null, signed, own))).toBe(false)
})

test('only Ed25519 keys are certified', () => {
  const line = `ssh-ed25519 ${Buffer.concat([wireString('ssh-ed25519'), wireString(usual.key)]).toString('base64')} ci`
  expect(publicKeyBytes(line)?.equals(usual.key)).toBe(true)
  expect(publicKeyBytes(makeCertificate(usual, authority))).toBeUndefined()
  expect(publicKeyBytes('ssh-ed25519 AAAA')).toBeUndefined()
  expect(publicKeyBytes(`command="x" ${line}`)).toBeUndefined()
})
