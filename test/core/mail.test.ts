import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMailAddress, parseMailServer } from '../../src/core/mail.ts'
import { Secret } from '../../src/core/secret.ts'

const shown = (text: string): unknown => {
  const server = parseMailServer(text)
  return server && { ...server, password: server.password && Secret.open(server.password) }
}

test.each([
  ['smtp://mail.example.org:25', { host: 'mail.example.org', port: 25, tls: false }],
  ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, tls: false }],
  ['smtps://mail.example.org', { host: 'mail.example.org', port: 465, tls: true }],
  ['smtp://[::1]:2525/', { host: '::1', port: 2525, tls: false }],
  ['smtp://git:s3cret@127.0.0.1:587', { host: '127.0.0.1', port: 587, tls: false, user: 'git', password: 's3cret' }],
  ['smtps://git%40example.org:a%3Ab@m:465', { host: 'm', port: 465, tls: true, user: 'git@example.org', password: 'a:b' }],
  ['smtp://git@m:25', { host: 'm', port: 25, tls: false, user: 'git' }],
])('%s is a mail server', (text, expected) => {
  expect(shown(text)).toEqual({ user: undefined, password: undefined, ...expected })
})

test.each([
  '',
  'mail.example.org',
  'http://mail.example.org',
  'smtp://',
  'smtp://mail.example.org:0',
  'smtp://mail.example.org:65536',
  'smtp://a:b:c@m',
  'smtp://a%zz:b@m',
  'smtp://m/path',
  'smtp://m?x=1',
  'smtp://m m',
  'smtp://@m',
])('%j is none', (text) => {
  expect(parseMailServer(text)).toBeUndefined()
})

test.each([
  ['git@example.org', { name: '', address: 'git@example.org' }],
  ['Sallyport <git@example.org>', { name: 'Sallyport', address: 'git@example.org' }],
])('%s is an address', (text, expected) => {
  expect(parseMailAddress(text)).toEqual(expected)
})

test.each(['', 'git', '<git@x', 'a@b@c', 'x <git>', 'git@example.org\r\nBcc: x@y', 'a@b, c@d', 'N\nM <a@b>'])(
  '%j is none',
  (text) => {
    expect(parseMailAddress(text)).toBeUndefined()
  },
)

test('whatever is written, the parsers answer, and what they take fits on one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      parseMailServer(text)
      parseMailServer(`smtp://${text}`)
      for (const given of [text, `${text}@x`, `${text} <a@b>`]) {
        const parsed = parseMailAddress(given)
        if (parsed) expect(`${parsed.name}${parsed.address}`).not.toMatch(/[\r\n]/)
      }
    }),
  )
})
