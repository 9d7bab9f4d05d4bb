/**
 * The attack: something that looks like a token, or is one of another kind, is shown in place of an access token: an ID token,
 * a signed text with `alg: none` or with the public key as its secret, a refresh token, a code, a digest from a stolen
 * database; a token of an application where only access tokens are taken; one that carries too little.
 * What was believed: what is signed, or stored, lets in.
 * What holds: an access token is looked up by its digest among access tokens, and carries its scopes on every route.
 */
import { createHmac, createPublicKey } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OauthStage } from '../http/oauth/stage.ts'

let stage: OauthStage

beforeAll(async () => {
  stage = await OauthStage.open()
})
afterAll(() => stage?.close())

/** Texts in place of a token: who believes a signature without asking whose it is, or believes `none`, lets these in. */
const forgeries: Readonly<Record<string, () => Promise<string>>> = {
  'an ID token': async () => String((await stage.tokens('web', { scopes: ['openid', 'api'] })).body['id_token']),
  'a token with alg none': async () => new UnsecuredJWT({ sub: '1', scope: 'api' }).setIssuer('https://git.example.org').encode(),
  'a token signed with the public key as secret': async () => {
    const { key } = await stage.api.parts.signing.current()
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const text = [
      { alg: 'HS256', typ: 'JWT' },
      { sub: '1', iss: 'https://git.example.org', scope: 'api' },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
  },
  'a token that the server itself signed': async () => {
    const { key } = await stage.api.parts.signing.current()
    return new SignJWT({ scope: 'api' }).setProtectedHeader({ alg: 'RS256' }).setSubject('1').sign(key)
  },
  'a refresh token': async () => (await stage.tokens('web')).refresh,
  'a code': () => stage.code('web'),
  'a secret of an application': async () => stage.client('web').secret,
  'the digest of a token, as a stolen database has it': async () => {
    const { access } = await stage.tokens('web')
    const rows = await stage.api.store.read
      .selectFrom('oauth_tokens')
      .select('access_digest')
      .orderBy('id', 'desc')
      .limit(1)
      .execute()
    expect(rows[0]?.access_digest).not.toBe(access)
    return rows[0]?.access_digest ?? ''
  },
}

describe('lets nobody in:', () => {
  test.each(Object.entries(forgeries))('%s', async (_name, forge) => {
    const text = await forge()
    const headers = { Authorization: `Bearer ${text}` }
    expect((await stage.ask('GET', '/api/v4/user', { headers })).status).toBe(401)
    expect((await stage.ask('GET', `/api/v4/user?access_token=${text}`)).status).toBe(401)
    expect((await stage.ask('GET', '/oauth/userinfo', { headers })).status).toBe(401)
    expect((await stage.ask('GET', '/oauth/token/info', { headers })).status).toBe(401)
  })

  test('a token of OAuth in the place of an access token', async () => {
    const { access } = await stage.tokens('web')
    expect((await stage.ask('GET', '/api/v4/user', { headers: { 'PRIVATE-TOKEN': access } })).status).toBe(401)
    expect((await stage.ask('GET', `/api/v4/user?private_token=${access}`)).status).toBe(401)
  })

  test('a token on the routes of the access token that has the same number', async () => {
    const { access } = await stage.tokens('web')
    const headers = { Authorization: `Bearer ${access}` }
    expect((await stage.ask('GET', '/api/v4/personal_access_tokens/self', { headers })).status).toBe(401)
    expect((await stage.ask('POST', '/api/v4/personal_access_tokens/self/rotate', { headers })).status).toBe(401)
    expect((await stage.ask('DELETE', '/api/v4/personal_access_tokens/self', { headers })).status).toBe(401)
  })
})

describe('scopes hold on every route', () => {
  test.each([
    [['read_user'], 'GET', '/user', 200],
    [['read_user'], 'GET', '/projects', 403],
    [['read_api'], 'GET', '/projects', 200],
    [['read_api'], 'POST', '/projects', 403],
    [['openid', 'profile', 'email'], 'GET', '/user', 403],
    [['read_repository', 'write_repository'], 'GET', '/user', 403],
    [['api'], 'GET', '/user', 200],
  ] as const)('%j: %s %s', async (scopes, method, path, status) => {
    const { access } = await stage.tokens('web', { scopes })
    expect((await stage.ask(method, `/api/v4${path}`, { headers: { Authorization: `Bearer ${access}` } })).status).toBe(status)
  })

  test('sudo is for administrators, whatever they let an application have', async () => {
    const ask = async (userId: typeof stage.ada) => {
      const { access } = await stage.tokens('web', { scopes: ['api', 'sudo'], userId })
      const told = await stage.ask('GET', '/api/v4/user', { headers: { Authorization: `Bearer ${access}`, Sudo: 'ada' } })
      return [told.status, told.body['username']]
    }
    expect(await ask(stage.ada)).toEqual([403, undefined])
    expect(await ask(stage.api.root.id)).toEqual([200, 'ada'])
  })
})
