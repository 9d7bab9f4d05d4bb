import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { Passwords } from '../../../src/tokens/passwords.ts'
import { basic, OauthStage, redirectUri, today } from './stage.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
})
afterAll(() => stage?.close())

const exchange = (code: string) => ({ grant_type: 'authorization_code', code, redirect_uri: redirectUri })

describe('a code', () => {
  test('becomes tokens, in GitLab’s words', async () => {
    const told = await stage.token('web', exchange(await stage.code('web', { scopes: ['api', 'read_user'] })))
    expect(told.status).toBe(200)
    expect(told.headers.get('cache-control')).toBe('no-store')
    expect(told.headers.get('content-type')).toBe('application/json')
    expect(told.body).toEqual({
      access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      token_type: 'Bearer',
      expires_in: 7200,
      refresh_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      scope: 'api read_user',
      created_at: Math.floor(today / 1000),
    })
  })

  test('is taken from JSON too', async () => {
    const { application, secret } = stage.client('web')
    const body = { client_id: application.uid, client_secret: secret, ...exchange(await stage.code('web')) }
    const headers = { 'Content-Type': 'application/json' }
    expect((await stage.ask('POST', '/oauth/token', { headers, body: JSON.stringify(body) })).status).toBe(200)
  })

  test('is over after ten minutes', async () => {
    const code = await stage.code('web')
    stage.wait(600_000)
    expect(await stage.token('web', exchange(code))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(stage.reason).toBe('code_expired')
  })

  test('leaves neither itself nor what it gave in the log', async () => {
    const code = await stage.code('web')
    const { body } = await stage.token('web', exchange(code))
    const text = JSON.stringify(stage.api.lines)
    for (const secret of [code, body['access_token'], body['refresh_token'], stage.client('web').secret]) {
      expect(text).not.toContain(secret)
    }
  })

  test('is told in the log with the number of its token', async () => {
    await stage.tokens('web')
    expect(stage.api.lines.findLast((line) => line['path'] === '/oauth/token')).toMatchObject({
      username: 'ada',
      token_type: 'OauthAccessToken',
      token_scopes: ['api'],
      oauth_application: 'web',
    })
  })
})

describe('what is asked wrong', () => {
  test.each([
    ['nothing', {}, 'invalid_request', 400],
    ['an unknown grant', { grant_type: 'magic' }, 'unsupported_grant_type', 400],
    ['the implicit grant', { grant_type: 'token' }, 'unsupported_grant_type', 400],
    ['no code', { grant_type: 'authorization_code' }, 'invalid_request', 400],
    ['a code of nothing', exchange('c0de'), 'invalid_grant', 400],
    ['no refresh token', { grant_type: 'refresh_token' }, 'invalid_request', 400],
    ['a refresh token of nothing', { grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant', 400],
    [
      'a device code of nothing',
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'x' },
      'invalid_grant',
      400,
    ],
    ['more than it may have', { grant_type: 'client_credentials', scope: 'admin_mode' }, 'invalid_scope', 400],
    [
      'a password, which nobody allowed',
      { grant_type: 'password', username: 'ada', password: 'x' },
      'unsupported_grant_type',
      400,
    ],
    ['a value without end', { grant_type: 'authorization_code', code: 'x'.repeat(9000) }, 'invalid_request', 400],
    ['a NUL', { grant_type: 'authorization_code', code: 'a\0b' }, 'invalid_request', 400],
  ] as const)('%s', async (_name, form, error, status) => {
    const told = await stage.token('web', form)
    expect([told.status, told.body['error']]).toEqual([status, error])
    expect(told.body['error_description']).toEqual(expect.any(String))
  })

  test.each([
    ['{"grant_type":', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['{"grant_type":["password"]}', 'application/json', 400],
    ['{"grant_type":{"a":1}}', 'application/json', 400],
    ['grant_type=password', 'text/plain', 400],
    [`grant_type=${'x'.repeat(70_000)}`, 'application/x-www-form-urlencoded', 413],
    [Array.from({ length: 60 }, (_, at) => `p${at}=1`).join('&'), 'application/x-www-form-urlencoded', 400],
  ])('the body %.40s as %s', async (body, type, status) => {
    const told = await stage.ask('POST', '/oauth/token', { body, headers: { 'Content-Type': type } })
    expect([told.status, told.body['error']]).toEqual([status, 'invalid_request'])
  })

  test('a query', async () => {
    const { application, secret } = stage.client('web')
    const query = new URLSearchParams({ client_id: application.uid, client_secret: secret, ...exchange(await stage.code('web')) })
    expect(await stage.ask('POST', `/oauth/token?${query}`)).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
    expect((await stage.ask('GET', `/oauth/token?${query}`)).status).toBe(404)
  })
})

describe('a client', () => {
  test('is proven by Basic, with its words encoded', async () => {
    const { application, secret } = stage.client('web')
    const headers = { Authorization: basic(application.uid, secret) }
    const told = await stage.post('/oauth/token', { grant_type: 'client_credentials', scope: 'read_user' }, headers)
    expect(told.status).toBe(200)
  })

  test('that is no client is told so by a challenge', async () => {
    const headers = { Authorization: basic('nobody', 'x') }
    const told = await stage.post('/oauth/token', { grant_type: 'client_credentials' }, headers)
    expect([told.status, told.body['error'], told.headers.get('www-authenticate')]).toEqual([
      401,
      'invalid_client',
      'Basic realm="GitLab"',
    ])
  })
})

describe('a machine', () => {
  test('is nobody, as in GitLab', async () => {
    const { body } = await stage.token('web', { grant_type: 'client_credentials', scope: 'api' })
    expect(body['refresh_token']).toBeUndefined()
    expect(await stage.works(String(body['access_token']))).toBe(false)
    const headers = { Authorization: `Bearer ${body['access_token']}` }
    expect((await stage.ask('GET', '/oauth/token/info', { headers })).body).toMatchObject({ resource_owner_id: null })
  })

  test('is the service account whose application it is', async () => {
    const service = await stage.api.addUser('deployer', { kind: 'service_account' })
    const { token } = await stage.api.addToken(service)
    const json = { name: 'deployer', redirect_uri: redirectUri, scopes: 'read_user api' }
    const made = await stage.api.ask<Record<string, string>>('POST', '/sallyport/applications', { token, json })
    const { application_id: client_id = '', secret: client_secret = '' } = made.body
    const told = await stage.post('/oauth/token', {
      client_id,
      client_secret,
      grant_type: 'client_credentials',
      scope: 'read_user',
    })
    const headers = { Authorization: `Bearer ${told.body['access_token']}` }
    expect((await stage.ask('GET', '/api/v4/user', { headers })).body).toMatchObject({ username: 'deployer' })
  })

  test('keeps a secret', async () => {
    const told = await stage.token('tool', { grant_type: 'client_credentials', scope: 'read_user' })
    expect([told.status, told.body['error']]).toEqual([400, 'unauthorized_client'])
  })
})

describe('a password', () => {
  const ask = (password: string, username = 'eve') =>
    stage.token('web', { grant_type: 'password', username, password, scope: 'api' })

  beforeAll(async () => {
    const hash = await new Passwords().hash(new Secret('correct horse'))
    await stage.api.addUser('eve', { password_hash: hash })
    const json = { resource_owner_password_credentials_enabled: true }
    await stage.api.ask('PUT', '/application/settings', { token: stage.api.root.token, json })
  })

  test('becomes tokens where an administrator allows it', async () => {
    const told = await ask('correct horse')
    expect(told.body).toMatchObject({ scope: 'api', refresh_token: expect.any(String) })
    expect(await stage.works(String(told.body['access_token']))).toBe(true)
  })

  test('that is wrong, or another kind of secret, is none', async () => {
    const { token } = await stage.api.addToken(stage.ada)
    for (const [password, username] of [
      ['wrong', 'eve'],
      ['correct horse', 'nobody'],
      [token, 'ada'],
    ] as const) {
      expect(await ask(password, username)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    }
  })

  test('is listed among the grants', async () => {
    const { body } = await stage.ask('GET', '/.well-known/openid-configuration')
    expect(body['grant_types_supported']).toContain('password')
  })
})

test('guesses of secrets ban an address like guesses of passwords', async () => {
  const banning = await OauthStage.open({ SALLYPORT_BAN: '3/60/3600', SALLYPORT_BAN_EXEMPT: '' })
  try {
    const { application, secret } = banning.client('web')
    const ask = (client_secret: string) =>
      banning.post('/oauth/token', { grant_type: 'client_credentials', client_id: application.uid, client_secret, scope: 'api' })
    expect((await ask(secret)).status).toBe(200)
    for (let guess = 0; guess < 3; guess += 1) expect((await ask(`gloas-${guess}`)).status).toBe(401)
    expect(await ask(secret)).toMatchObject({ status: 403, body: { error: 'access_denied' } })
    expect(banning.reason).toBe('address_banned')
  } finally {
    await banning.close()
  }
})

test('who asks too often is told so, as on the other pages', async () => {
  const json = { throttle_unauthenticated_web_enabled: true, throttle_unauthenticated_web_requests_per_period: 1 }
  await stage.api.ask('PUT', '/application/settings', { token: stage.api.root.token, json })
  const ask = () => stage.token('web', { grant_type: 'client_credentials', scope: 'api' })
  expect((await ask()).status).toBe(200)
  const told = await ask()
  expect([told.status, told.headers.get('ratelimit-name')]).toEqual([429, 'throttle_unauthenticated_web'])
})
