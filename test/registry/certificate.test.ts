import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { certificateOf, libtrustId, pemBlocks, publicDer, toPem } from '../../src/registry/certificate.ts'
import { integer, objectId, octets } from '../../src/registry/der.ts'

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const key = newKey()

describe('the certificate of a key', () => {
  const certificate = new X509Certificate(certificateOf(key))

  test('is signed by the key that it is for', () => {
    expect(certificate.checkPrivateKey(key)).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkIssued(certificate)).toBe(true)
  })

  test('stands for itself, at any time', () => {
    expect(certificate.ca).toBe(true)
    expect(certificate.subject).toBe('CN=Sallyport registry tokens')
    expect(certificate.issuer).toBe(certificate.subject)
    expect(certificate.validFromDate.toISOString()).toBe('2020-01-01T00:00:00.000Z')
    expect(certificate.validToDate.toISOString()).toBe('9999-12-31T23:59:59.000Z')
    expect(BigInt(`0x${certificate.serialNumber}`)).toBeGreaterThan(0n)
  })

  test('follows from the key alone', () => {
    const again = createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' }))
    expect(certificateOf(again)).toEqual(certificateOf(key))
    expect(certificateOf(newKey())).not.toEqual(certificateOf(key))
  })

  test('is found again in a bundle', () => {
    const [one, other] = [toPem(certificateOf(key)), toPem(certificateOf(newKey()))]
    expect(pemBlocks(`a word before\n${one}${other}`)).toEqual([one, other])
    expect(new X509Certificate(one).fingerprint256).toBe(certificate.fingerprint256)
    expect(pemBlocks('-----BEGIN CERTIFICATE-----\n')).toEqual([])
  })
})

test("libtrust's name of a key is twelve groups of four", () => {
  expect(libtrustId(key)).toMatch(/^(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}$/)
  expect(libtrustId(newKey())).not.toBe(libtrustId(key))
  expect(publicDer(key).length).toBeGreaterThan(256)
})

describe('DER', () => {
  test.each([
    ['a small length', octets(Buffer.alloc(127)), '047f'],
    ['a length of one byte', octets(Buffer.alloc(128)), '048180'],
    ['a length of two bytes', octets(Buffer.alloc(256)), '04820100'],
  ])('%s', (_name, written, start) => {
    expect(written.toString('hex').startsWith(start)).toBe(true)
  })

  test('what is too long is no part of a certificate', () => {
    expect(() => octets(Buffer.alloc(0x10000))).toThrow('too long')
  })

  test('a number whose first bit is set gets a byte before it', () => {
    expect(integer(Buffer.from([0x80])).toString('hex')).toBe('02020080')
    expect(integer(Buffer.from([0x7f])).toString('hex')).toBe('02017f')
    expect(integer(Buffer.alloc(0)).toString('hex')).toBe('020100')
  })

  test('names of algorithms', () => {
    expect(objectId('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b')
    expect(objectId('2.5.29.15').toString('hex')).toBe('0603551d0f')
  })
})
