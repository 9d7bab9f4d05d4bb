import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ApplicationId } from '../../src/core/ids.ts'
import type { Application } from '../../src/oauth/application.ts'
import { codeLocation, readAuthorizationRequest, refusalLocation, refuseRequest } from '../../src/oauth/authorization.ts'

const web: Application = {
  id: 1 as ApplicationId,
  uid: 'web',
  name: 'Web',
  redirectUris: ['https://app.example.org/callback', 'https://app.example.org/other?tenant=7'],
  scopes: ['api', 'read_user', 'openid'],
  confidential: true,
  trusted: false,
  ownerId: undefined,
}
const tool: Application = { ...web, uid: 'tool', confidential: false, redirectUris: ['http://127.0.0.1/'] }

const redirect_uri = 'https://app.example.org/callback'
const good = { response_type: 'code', redirect_uri, scope: 'read_user openid', state: 's' }
const code_challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const proof = { code_challenge, code_challenge_method: 'S256' }

describe('a request', () => {
  test('is read whole', () => {
    const request = readAuthorizationRequest({ ...good, ...proof, nonce: 'n', prompt: 'login', max_age: '60' }, web)
    expect(request).toEqual({
      kind: 'request',
      application: web,
      redirectUri: redirect_uri,
      scopes: ['read_user', 'openid'],
      state: 's',
      challenge: { value: code_challenge, method: 'S256' },
      nonce: 'n',
      prompt: 'login',
      maxAge: 60,
    })
  })
  test('asks for api where it says nothing', () => {
    const { scope: _, ...without } = good
    expect(readAuthorizationRequest(without, web)).toMatchObject({ scopes: ['api'] })
  })
  test('may come without a challenge from an application that keeps a secret', () => {
    expect(readAuthorizationRequest(good, web)).toMatchObject({ kind: 'request', challenge: undefined })
  })
  test('comes from a tool on any port', () => {
    const asked = { ...good, ...proof, redirect_uri: 'http://127.0.0.1:41234/' }
    expect(readAuthorizationRequest(asked, tool)).toMatchObject({ redirectUri: 'http://127.0.0.1:41234/' })
  })
})

describe('is told on a page, and goes nowhere', () => {
  test('without an application', () => {
    expect(readAuthorizationRequest(good, undefined)).toMatchObject({ show: 'page', error: 'invalid_client' })
  })
  test.each([undefined, '', 'https://app.example.org/callback/', ['https://app.example.org/callback'], 'https://evil.example/'])(
    'with the redirect URI %j',
    (uri) => {
      const refusal = readAuthorizationRequest({ ...good, redirect_uri: uri }, web)
      expect(refusal).toMatchObject({ kind: 'refusal', show: 'page', error: 'invalid_redirect_uri' })
    },
  )
})

describe('is told to the application', () => {
  test.each([
    ['no response type', { ...good, response_type: undefined }, web, 'invalid_request'],
    ['the implicit flow', { ...good, response_type: 'token' }, web, 'unsupported_response_type'],
    ['a hybrid flow', { ...good, response_type: 'code id_token' }, web, 'unsupported_response_type'],
    ['the answer in a fragment', { ...good, response_mode: 'fragment' }, web, 'invalid_request'],
    ['a scope that is not its own', { ...good, scope: 'read_user sudo' }, web, 'invalid_scope'],
    ['an unknown scope', { ...good, scope: 'everything' }, web, 'invalid_scope'],
    ['a list of nothing', { ...good, scope: ' ' }, web, 'invalid_scope'],
    ['no challenge of a public application', { ...good, redirect_uri: 'http://127.0.0.1/' }, tool, 'invalid_request'],
    ['a challenge without a method', { ...good, code_challenge }, web, 'invalid_code_challenge_method'],
    ['a method without a challenge', { ...good, code_challenge_method: 'S256' }, web, 'invalid_request'],
    [
      'a method in small letters',
      { ...good, code_challenge, code_challenge_method: 's256' },
      web,
      'invalid_code_challenge_method',
    ],
    ['no method that is known', { ...good, code_challenge, code_challenge_method: 'none' }, web, 'invalid_code_challenge_method'],
    ['a challenge that is too short', { ...good, ...proof, code_challenge: 'abc' }, web, 'invalid_request'],
    ['a state that came twice', { ...good, state: ['a', 'b'] }, web, 'invalid_request'],
    ['a state without end', { ...good, state: 'x'.repeat(5000) }, web, 'invalid_request'],
    ['no prompt and another one', { ...good, prompt: 'none login' }, web, 'invalid_request'],
    ['an age that is no number', { ...good, max_age: '-1' }, web, 'invalid_request'],
    ['a request object', { ...good, request: 'eyJhbGciOiJub25lIn0.e30.' }, web, 'request_not_supported'],
    ['a request elsewhere', { ...good, request_uri: 'https://evil.example/r' }, web, 'request_uri_not_supported'],
  ])('%s', (_name, parameters, application, error) => {
    expect(readAuthorizationRequest(parameters, application)).toMatchObject({ kind: 'refusal', show: 'redirect', error })
  })
})

describe('the answer', () => {
  const sender = { redirectUri: 'https://app.example.org/other?tenant=7', state: 'a&b=c' }
  test('keeps the query of the address, and says who answers', () => {
    expect(codeLocation(sender, 'c0de', 'https://git.example.org')).toBe(
      'https://app.example.org/other?tenant=7&code=c0de&state=a%26b%3Dc&iss=https%3A%2F%2Fgit.example.org',
    )
  })
  test('is a refusal in the words of the standard', () => {
    const refusal = refuseRequest({ redirectUri: 'http://127.0.0.1:1/', state: undefined }, 'access_denied')
    if (refusal.show !== 'redirect') throw new Error('a page')
    const url = new URL(refusalLocation(refusal, 'https://git.example.org'))
    expect([...url.searchParams.keys()]).toEqual(['error', 'error_description', 'iss'])
    expect(url.searchParams.get('error')).toBe('access_denied')
  })
})

const anything = fc.dictionary(
  fc.constantFrom(
    'response_type',
    'redirect_uri',
    'scope',
    'state',
    'code_challenge',
    'code_challenge_method',
    'prompt',
    'nonce',
  ),
  fc.oneof(fc.string(), fc.anything(), fc.constantFrom('code', 'plain', redirect_uri, code_challenge, 'api')),
)

test('whatever is asked, nobody is sent where nothing is registered', () => {
  fc.assert(
    fc.property(anything, (parameters) => {
      const answer = readAuthorizationRequest(parameters, web)
      if (answer.kind === 'refusal' && answer.show === 'page') return
      expect(web.redirectUris).toContain(answer.redirectUri)
    }),
  )
})
