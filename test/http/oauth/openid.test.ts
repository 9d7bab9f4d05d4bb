import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OauthStage } from './stage.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
  const { token } = stage.api.root
  for (const [path, parent, level] of [
    ['keep', undefined, 50],
    ['tower', 'keep', undefined],
    ['gate', undefined, 40],
  ] as const) {
    const parent_id = parent && (await stage.api.ask<{ id: number }>('GET', `/groups/${parent}`, { token })).body.id
    const json = { name: path, path, visibility: 'private', ...(parent_id !== undefined && { parent_id }) }
    const { id } = (await stage.api.ask<{ id: number }>('POST', '/groups', { token, json })).body
    if (level === undefined) continue
    await stage.api.ask('POST', `/groups/${id}/members`, { token, json: { user_id: stage.ada, access_level: level } })
  }
})
afterAll(() => stage?.close())

const bearer = (access: string) => ({ headers: { Authorization: `Bearer ${access}` } })

describe('the document of discovery', () => {
  test.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])('%s', async (path) => {
    const { status, body } = await stage.ask('GET', path)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      issuer: 'https://git.example.org',
      authorization_endpoint: 'https://git.example.org/oauth/authorize',
      token_endpoint: 'https://git.example.org/oauth/token',
      jwks_uri: 'https://git.example.org/oauth/discovery/keys',
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['plain', 'S256'],
      id_token_signing_alg_values_supported: ['RS256'],
      subject_types_supported: ['public'],
    })
    expect(body['scopes_supported']).toEqual(expect.arrayContaining(['api', 'read_repository', 'openid', 'profile', 'email']))
    expect(body['scopes_supported']).not.toContain('read_registry')
    expect(body['grant_types_supported']).not.toContain('password')
  })
})

describe('an ID token', () => {
  test('is signed by the published key, for two minutes', async () => {
    const { body } = await stage.tokens('web', { scopes: ['openid'], nonce: 'n-0S6', authTime: stage.now - 90_000 })
    const keys = await stage.ask('GET', '/oauth/discovery/keys')
    const verify = {
      issuer: 'https://git.example.org',
      audience: stage.client('web').application.uid,
      currentDate: new Date(stage.now),
    }
    const { payload } = await jwtVerify(
      String(body['id_token']),
      createLocalJWKSet(keys.body as unknown as JSONWebKeySet),
      verify,
    )
    const now = Math.floor(stage.now / 1000)
    expect(payload).toEqual({
      iss: 'https://git.example.org',
      sub: String(stage.ada),
      aud: verify.audience,
      iat: now,
      exp: now + 120,
      auth_time: now - 90,
      nonce: 'n-0S6',
      name: 'Name of ada',
      nickname: 'ada',
      preferred_username: 'ada',
      profile: 'https://git.example.org/ada',
      groups_direct: ['keep', 'gate'],
    })
    expect(decodeProtectedHeader(String(body['id_token']))).toEqual({ typ: 'JWT', alg: 'RS256', kid: expect.any(String) })
  })

  test('comes again with a refresh, with the time of the same sign-in', async () => {
    const authTime = stage.now - 90_000
    const { refresh } = await stage.tokens('web', { scopes: ['openid', 'email'], nonce: 'n', authTime })
    stage.wait(3_600_000)
    const { body } = await stage.token('web', { grant_type: 'refresh_token', refresh_token: refresh })
    const [, claims = ''] = String(body['id_token']).split('.')
    const told = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(told).toMatchObject({ auth_time: Math.floor(authTime / 1000), email: 'ada@example.org', email_verified: true })
    expect(told.nonce).toBeUndefined()
  })

  test('is not given without its scope', async () => {
    expect((await stage.tokens('web', { scopes: ['profile', 'email'] })).body['id_token']).toBeUndefined()
  })
})

describe('/oauth/userinfo', () => {
  test('tells the groups by role, and those below', async () => {
    const { access } = await stage.tokens('web', { scopes: ['openid'] })
    const told = await stage.ask('GET', '/oauth/userinfo', bearer(access))
    expect(told.body).toEqual({
      sub: String(stage.ada),
      name: 'Name of ada',
      nickname: 'ada',
      preferred_username: 'ada',
      profile: 'https://git.example.org/ada',
      groups: ['gate', 'keep', 'keep/tower'],
      'https://gitlab.org/claims/groups/owner': ['keep'],
      'https://gitlab.org/claims/groups/maintainer': ['gate'],
    })
    expect((await stage.post('/oauth/userinfo', { access_token: access })).body).toEqual(told.body)
  })

  test('asks for openid', async () => {
    const { access } = await stage.tokens('web', { scopes: ['api'] })
    const told = await stage.ask('GET', '/oauth/userinfo', bearer(access))
    expect([told.status, told.body['error']]).toEqual([403, 'insufficient_scope'])
    expect(told.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  })

  test('knows nobody who was blocked', async () => {
    const id = await stage.api.addUser('blocked-soon')
    const { access } = await stage.tokens('web', { scopes: ['openid'], userId: id })
    await stage.api.ask('POST', `/users/${id}/block`, { token: stage.api.root.token })
    expect(await stage.ask('GET', '/oauth/userinfo', bearer(access))).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    })
  })

  test.each([undefined, 'Bearer', 'Bearer x', 'Basic eDp5', `Bearer ${'0'.repeat(64)}`])('says nothing to %s', async (shown) => {
    const told = await stage.ask('GET', '/oauth/userinfo', shown === undefined ? {} : { headers: { Authorization: shown } })
    expect([told.status, told.body['error']]).toEqual([401, 'invalid_token'])
  })
})

describe('/oauth/token/info', () => {
  test('tells a token about itself, with the older words beside the newer', async () => {
    const { access } = await stage.tokens('web', { scopes: ['api', 'read_user'] })
    const created_at = Math.floor(stage.now / 1000)
    stage.wait(60_000)
    const body = {
      resource_owner_id: stage.ada,
      scope: ['api', 'read_user'],
      scopes: ['api', 'read_user'],
      expires_in: 7140,
      expires_in_seconds: 7140,
      application: { uid: stage.client('web').application.uid },
      created_at,
    }
    expect((await stage.ask('GET', '/oauth/token/info', bearer(access))).body).toEqual(body)
    expect((await stage.ask('GET', `/oauth/token/info?access_token=${access}`)).body).toEqual(body)
  })

  test('knows no token that is over', async () => {
    const { access } = await stage.tokens('web')
    stage.wait(7_200_000)
    const told = await stage.ask('GET', '/oauth/token/info', bearer(access))
    expect([told.status, told.body['error_description']]).toEqual([401, 'The access token expired'])
  })
})

describe('scripts of other sites', () => {
  const headers = { Origin: 'https://spa.example.org', 'Access-Control-Request-Method': 'POST' }
  test.each(['/oauth/token', '/oauth/revoke', '/oauth/userinfo'])('may ask %s, without cookies', async (path) => {
    const told = await stage.ask('OPTIONS', path, { headers })
    expect([told.status, told.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    expect(told.headers.get('access-control-allow-credentials')).toBeNull()
    expect((await stage.ask('POST', path, { headers })).headers.get('access-control-allow-origin')).toBe('*')
  })
  test.each(['/oauth/introspect', '/oauth/authorize', '/api/v4/user'])('may not ask %s', async (path) => {
    expect((await stage.ask('OPTIONS', path, { headers })).headers.get('access-control-allow-origin')).toBeNull()
  })
})
