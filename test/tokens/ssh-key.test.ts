import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectBlob, parsePublicKey } from '../../src/tokens/ssh-key.ts'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ssh-key-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let made = 0
const generate = (type: string, bits: string | undefined): { line: string; listed: (hash: string) => string } => {
  made += 1
  const file = join(directory, `key-${made}`)
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(bits ? ['-b', bits] : []), '-N', '', '-C', 'anna on laptop', '-f', file])
  const listed = (hash: string): string => execFileSync('ssh-keygen', ['-l', '-E', hash, '-f', file], { encoding: 'utf8' })
  return { line: readFileSync(`${file}.pub`, 'utf8'), listed }
}

const wire = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )

const lineOf = (type: string, blob: Buffer): string => `${type} ${blob.toString('base64')}`
const ed25519 = wire('ssh-ed25519', Buffer.alloc(32, 7))
const modulus = (bytes: number, last = 1): Buffer => Buffer.from([0, 0x80, ...Buffer.alloc(bytes - 2, 5), last])
const rsa = (exponent: Buffer, n: Buffer): string => lineOf('ssh-rsa', wire('ssh-rsa', exponent, n))
const three = Buffer.from([3])

describe('keys made by ssh-keygen', () => {
  test.each([
    ['ed25519', undefined, 'ssh-ed25519', 256],
    ['ecdsa', '256', 'ecdsa-sha2-nistp256', 256],
    ['ecdsa', '384', 'ecdsa-sha2-nistp384', 384],
    ['ecdsa', '521', 'ecdsa-sha2-nistp521', 521],
    ['rsa', '1024', 'ssh-rsa', 1024],
    ['rsa', '3072', 'ssh-rsa', 3072],
  ])('%s %s is read as %s of %i bits', (type, size, name, bits) => {
    const { line, listed } = generate(type, size)
    const key = parsePublicKey(line)
    expect(key).toMatchObject({ type: name, bits, comment: 'anna on laptop', line: line.trim() })
    expect(listed('sha256')).toContain(` ${key?.fingerprintSha256} `)
    expect(listed('md5')).toContain(`MD5:${key?.fingerprintMd5} `)
  })

  test('a line without a comment, with blanks around it, is normalised', () => {
    const text = lineOf('ssh-ed25519', ed25519)
    expect(parsePublicKey(`  ${text}   \n`)).toMatchObject({ line: text, comment: '' })
    expect(parsePublicKey(text.replace(' ', '   '))?.line).toBe(text)
  })

  test('a security key is read', () => {
    const type = 'sk-ssh-ed25519@openssh.com'
    expect(parsePublicKey(lineOf(type, wire(type, Buffer.alloc(32, 9), 'ssh:')))).toMatchObject({ type, bits: 256 })
  })
})

const certificate = 'ssh-ed25519-cert-v01@openssh.com'

describe('what is refused', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['a type alone', 'ssh-ed25519'],
    ['options before the type', `restrict ${lineOf('ssh-ed25519', ed25519)}`],
    ['two lines', `${lineOf('ssh-ed25519', ed25519)} a\nssh-rsa AAAA`],
    ['a control character in the comment', `${lineOf('ssh-ed25519', ed25519)} a\u001b[2J`],
    ['a NUL in the comment', `${lineOf('ssh-ed25519', ed25519)} a\0`],
    ['more than 16 KiB', `${lineOf('ssh-ed25519', ed25519)} ${'a'.repeat(16_384)}`],
    ['base64 with stray characters', lineOf('ssh-ed25519', ed25519).replace('AAAA', 'AA*AA')],
    ['base64 without its padding', lineOf('ssh-ed25519', wire('ssh-ed25519', Buffer.alloc(33))).replace(/=+$/, '')],
    ["another type in the blob than in the line's", lineOf('ssh-rsa', ed25519)],
    ['an ed25519 key of 31 bytes', lineOf('ssh-ed25519', wire('ssh-ed25519', Buffer.alloc(31)))],
    ['bytes behind the key', lineOf('ssh-ed25519', Buffer.concat([ed25519, Buffer.from([0])]))],
    ['a cut key', lineOf('ssh-ed25519', ed25519.subarray(0, -1))],
    ['a length beyond the end', lineOf('ssh-ed25519', Buffer.from([0xff, 0xff, 0xff, 0xff]))],
    ['DSA', lineOf('ssh-dss', wire('ssh-dss', three, three, three, three))],
    ['a certificate', lineOf(certificate, wire(certificate, Buffer.alloc(32), Buffer.alloc(32)))],
    ['a type of no name', lineOf('constructor', wire('constructor', Buffer.alloc(32)))],
    ['RSA of 1016 bits', rsa(three, modulus(127))],
    ['RSA of 16,392 bits', rsa(three, modulus(2049))],
    ['an even RSA modulus', rsa(three, modulus(256, 2))],
    ['an even RSA exponent', rsa(Buffer.from([4]), modulus(256))],
    ['an RSA exponent of nothing', rsa(Buffer.alloc(0), modulus(256))],
    ['a negative RSA modulus', rsa(three, modulus(256).subarray(1))],
    ['an RSA modulus with a needless zero', rsa(three, Buffer.concat([Buffer.from([0]), modulus(256)]))],
    [
      'an ECDSA key of another curve',
      lineOf('ecdsa-sha2-nistp256', wire('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(65, 4))),
    ],
    ['a compressed ECDSA point', lineOf('ecdsa-sha2-nistp256', wire('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(33, 2)))],
    ['an ECDSA point too short', lineOf('ecdsa-sha2-nistp256', wire('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(64, 4)))],
  ])('%s', (_name, text) => {
    expect(parsePublicKey(text)).toBeUndefined()
  })

  test('RSA of 2048 bits in the same shape is read, so that the rows above fail for their own reason', () => {
    expect(parsePublicKey(rsa(three, modulus(256)))?.bits).toBe(2048)
  })
})

describe('any input', () => {
  test('text never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePublicKey(text)))
  })

  test('a blob never throws, behind a type or not', () => {
    const types = fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp521', 'sk-ssh-ed25519@openssh.com', '')
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, bytes) => {
        const blob = Buffer.concat([type === '' ? Buffer.alloc(0) : wire(type), bytes])
        inspectBlob(blob)
        parsePublicKey(lineOf(type, blob))
      }),
    )
  })

  test('every key that is read prints a line that reads the same', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, fc.string(), (point, comment) => {
        const key = parsePublicKey(`${lineOf('ssh-ed25519', wire('ssh-ed25519', Buffer.from(point)))} ${comment}`)
        if (key !== undefined) expect(parsePublicKey(key.line)).toEqual(key)
      }),
    )
  })
})
