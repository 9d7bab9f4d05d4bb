import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterMark } from '../../../src/http/target.ts'
import { addresses, linkTo, returnPath, signInPath } from '../../../src/http/web/addresses.ts'

const standard = '/-/user_settings/applications'

test.each([
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example/oauth/authorize',
  'https:evil.example',
  '//server.invalid/oauth/authorize/../../evil',
  'javascript:alert(1)',
  'data:text/html,x',
  '\t//evil.example',
  '/\t/evil.example',
  '/oauth/authorize/..//evil.example',
  '/oauth/authorize@evil.example',
  '.evil.example',
  '@evil.example',
  '/users/sign_out',
  '/api/v4/user',
  '/%2f%2fevil.example',
  '',
])('after signing in nobody is led to %j', (wish) => {
  expect(returnPath(wish)).toBe(standard)
})

test('a wish for one of our pages is kept with its query', () => {
  expect(returnPath('/oauth/authorize?client_id=a&state=%2F%2Fevil')).toBe('/oauth/authorize?client_id=a&state=%2F%2Fevil')
  expect(returnPath('/oauth/device#x')).toBe('/oauth/device')
  expect(returnPath(undefined)).toBe(standard)
})

test('whatever is wished for, the browser stays here', () => {
  const wish = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.stringMatching(/^[/\\.:@?#%a-z\t\n]{0,20}$/),
    fc.string().map((text) => `/oauth/authorize${text}`),
  )
  fc.assert(
    fc.property(wish, (text) => {
      const url = new URL(returnPath(text), 'https://git.example.org')
      expect(url.origin).toBe('https://git.example.org')
      expect(Object.values(addresses)).toContain(url.pathname)
      expect(returnPath(text)).toMatch(/^\/[a-z-]/)
    }),
    { numRuns: 100 },
  )
})

test.each([
  ['/a', ''],
  ['/a?', ''],
  ['/a?b=c', 'b=c'],
  ['/a?b=c?d=e', 'b=c?d=e'],
])('the query of %s is %j', (address, query) => {
  expect(afterMark(address)).toBe(query)
})

test('a return survives the way through the sign-in page', () => {
  const path = '/oauth/authorize?client_id=a&redirect_uri=http%3A%2F%2F127.0.0.1%2F&state=a+b%26'
  const carried = new URL(signInPath(path), 'https://x.example').searchParams.get('return_to')
  expect(returnPath(carried ?? undefined)).toBe(path)
})

test('behind a proxy that serves us below a path, links stay below it', () => {
  const settings = { url: 'https://example.org/git', http: { host: '127.0.0.1', port: 1 } }
  expect(linkTo(settings, '/users/sign_in')).toBe('/git/users/sign_in')
  expect(linkTo({ ...settings, url: undefined }, '/users/sign_in')).toBe('/users/sign_in')
})
