import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRegistered, redirectUriProblem } from '../../src/oauth/redirect-uri.ts'

describe('may be registered', () => {
  test.each([
    'https://app.example.org/callback',
    'https://app.example.org/callback?tenant=7',
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://localhost:7171/auth/redirect',
    'com.example.app:/callback',
  ])('%s', (uri) => expect(redirectUriProblem(uri)).toBeUndefined())
})

describe('is not registered', () => {
  test.each([
    ['', 'must be an absolute URI.'],
    ['callback', 'must be an absolute URI.'],
    ['/callback', 'must be an absolute URI.'],
    ['//app.example.org/callback', 'must be an absolute URI.'],
    ['https://app.example.org/callback#part', 'cannot contain a fragment.'],
    ['https://user@app.example.org/', 'must be an absolute URI.'],
    ['https://app.example.org\\@evil.example/', 'must be an absolute URI.'],
    ['https://app.example.org/ x', 'must be an absolute URI.'],
    ['https://app.example.org/\n', 'must be an absolute URI.'],
    ['javascript:alert(1)', 'is forbidden by the server.'],
    ['JavaScript:alert(1)', 'is forbidden by the server.'],
    ['data:text/html,hello', 'is forbidden by the server.'],
    ['vbscript:x', 'is forbidden by the server.'],
    ['file:/etc/passwd', 'is forbidden by the server.'],
    [`https://app.example.org/${'a'.repeat(2048)}`, 'must be an absolute URI.'],
  ])('%j', (uri, problem) => expect(redirectUriProblem(uri)).toBe(problem))
})

const registered = ['https://app.example.org/callback', 'http://127.0.0.1/', 'http://[::1]/done', 'http://localhost:7171/x']

describe('goes back to', () => {
  test.each([
    ...registered,
    'http://127.0.0.1:41234/',
    'http://127.0.0.1:41234',
    'http://127.0.0.1',
    'http://127.0.0.1:65535/',
    'http://[::1]:8080/done',
  ])('%s', (uri) => expect(isRegistered(uri, registered)).toBe(true))
})

describe('does not go to what almost matches', () => {
  test.each([
    'https://app.example.org/callback/',
    'https://app.example.org/callback?x=1',
    'https://app.example.org/Callback',
    'https://APP.example.org/callback',
    'https://app.example.org:443/callback',
    'https://app.example.org/callback/../callback',
    'https://app.example.org/callback%2f',
    'https://app.example.org/%63allback',
    'https://app.example.org.evil.example/callback',
    'https://app.example.org@evil.example/callback',
    'https://evil.example/https://app.example.org/callback',
    'http://app.example.org/callback',
    'https://app.example.org/callback#',
    ' https://app.example.org/callback',
    'https://127.0.0.1/',
    'http://127.0.0.1:0/',
    'http://127.0.0.1:65536/',
    'http://127.0.0.1:041234/',
    'http://127.0.0.1:80:80/',
    'http://127.0.0.1:1@evil.example/',
    'http://127.0.0.1.evil.example/',
    'http://127.0.0.1:41234/other',
    'http://127.0.0.1:41234/?code=1',
    'http://127.0.0.1:41234/#x',
    'http://127.0.0.1:41234/\\evil',
    'http://127.0.0.2/',
    'http://127.1/',
    'http://2130706433/',
    'http://[0:0:0:0:0:0:0:1]/done',
    'http://localhost/',
    'http://localhost:7172/x',
    'http://0.0.0.0/',
  ])('%s', (uri) => expect(isRegistered(uri, registered)).toBe(false))
})

test('no text but a registered one, or loopback with a port, is taken', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const isLoopback = /^http:\/\/127\.0\.0\.1(:\d+)?\/?$/.test(text) || /^http:\/\/\[::1\](:\d+)?\/done$/.test(text)
      expect(isRegistered(text, registered)).toBe(registered.includes(text) || (isLoopback && isRegistered(text, registered)))
    }),
  )
})
