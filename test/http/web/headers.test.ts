import fc from 'fast-check'
import { expect, test } from 'vitest'
import { policySource } from '../../../src/http/web/headers.ts'
import { comesFromElsewhere } from '../../../src/http/web/origin.ts'

test.each([
  ['https://app.example:8443/callback?x=1', 'https://app.example:8443'],
  ['http://127.0.0.1:41234/', 'http://127.0.0.1:41234'],
  ['http://[::1]:41234/', 'http:'],
  ['com.example.app:/callback', 'com.example.app:'],
  ['https://a;script-src*.example/', 'https:'],
  ['nothing', undefined],
])('a form that leads to %s is allowed to lead to %s', (address, source) => {
  expect(policySource(address)).toBe(source)
})

test('no address adds a word of its own to the policy', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl(),
        fc.string().map((text) => `https://${text}`),
      ),
      (address) => {
        expect(policySource(address) ?? '').toMatch(/^[A-Za-z0-9+.:/-]*$/)
      },
    ),
  )
})

const settings = { url: 'https://git.example.org', http: { host: '127.0.0.1', port: 8080 } }

test.each([
  [{}, false],
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ origin: 'https://git.example.org' }, false],
  [{ origin: 'http://127.0.0.1:8080', host: '127.0.0.1:8080' }, false],
  [{ origin: 'https://evil.example', host: 'git.example.org' }, true],
  [{ origin: 'null', host: 'git.example.org' }, true],
  [{ origin: 'https://git.example.org.evil.example', host: 'git.example.org' }, true],
])('of a form with %j it is said that it comes from elsewhere: %s', (headers, elsewhere) => {
  expect(comesFromElsewhere(headers, settings)).toBe(elsewhere)
})
