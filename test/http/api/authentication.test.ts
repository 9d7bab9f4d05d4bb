import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserState } from '../../../src/core/principal.ts'
import { startApi, type TokenFields } from './api-server.ts'

let api: Awaited<ReturnType<typeof startApi>>
let off: Awaited<ReturnType<typeof startApi>>
beforeAll(async () => {
  api = await startApi()
  off = await startApi({ SALLYPORT_IMPERSONATION: 'off' })
})
afterAll(() => Promise.all([api.close(), off.close()]))

let next = 0
const userWith = async (state: UserState = 'active', fields: TokenFields = {}, server = api) => {
  next += 1
  const username = `user${next}`
  const id = await server.addUser(username, { state })
  return { username, ...(await server.addToken(id, fields)) }
}

const lastLine = async (): Promise<Record<string, unknown>> => {
  await new Promise((resolve) => setImmediate(resolve))
  return api.lines.at(-1) ?? {}
}

const expired = {
  error: 'invalid_token',
  error_description: 'Token is expired. You can either do re-authorization or token refresh.',
}
const revoked = { error: 'invalid_token', error_description: 'Token was revoked. You have to re-authorize from the user.' }
const insufficient = (scope: string) => ({
  error: 'insufficient_scope',
  error_description: 'The request requires higher privileges than provided by the access token.',
  scope,
})

describe('where a token may stand', () => {
  const sources: [string, (token: string) => { path?: string; headers?: Record<string, string>; json?: unknown }][] = [
    ['private_token in the query', (token) => ({ path: `/user?private_token=${token}` })],
    ['PRIVATE-TOKEN', (token) => ({ headers: { 'PRIVATE-TOKEN': token } })],
    ['Bearer', (token) => ({ headers: { Authorization: `Bearer ${token}` } })],
    ['bearer in small letters', (token) => ({ headers: { Authorization: `bearer ${token}` } })],
    ['access_token', (token) => ({ path: `/user?access_token=${token}` })],
    ['bearer_token', (token) => ({ path: `/user?bearer_token=${token}` })],
  ]
  test.each(sources)('%s', async (_name, carry) => {
    const { token, username } = await userWith()
    const { path = '/user', headers } = carry(token)
    const good = await api.ask('GET', path, { ...(headers && { headers }) })
    expect(good).toMatchObject({ status: 200, body: { username } })
    const wrong = carry(`${token.slice(0, -1)}!`)
    const bad = await api.ask('GET', wrong.path ?? '/user', { ...(wrong.headers && { headers: wrong.headers }) })
    expect(bad).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
  })

  test('the first source wins, and a bad one is not skipped', async () => {
    const { token } = await userWith()
    const headers = { 'PRIVATE-TOKEN': token }
    expect((await api.ask('GET', '/user?private_token=glpat-wrong', { headers })).status).toBe(401)
    expect((await api.ask('GET', '/user?private_token=', { headers })).status).toBe(200)
    expect((await api.ask('GET', '/user?private_token[]=x', { headers })).status).toBe(401)
    const both = { 'PRIVATE-TOKEN': token, Authorization: 'Bearer glpat-wrong' }
    expect((await api.ask('GET', '/user', { headers: both })).status).toBe(200)
  })

  test('a token in a form or JSON body', async () => {
    const { token } = await api.addToken(api.root.id)
    const form = await api.ask('POST', '/users', { form: { private_token: token } })
    expect(form).toMatchObject({ status: 400, body: { error: expect.stringContaining('email is missing') } })
    const json = await api.ask('POST', '/users', { json: { private_token: token } })
    expect(json.status).toBe(400)
  })

  test('Basic, job tokens and deploy tokens are not read: the call is anonymous', async () => {
    const { token, username } = await userWith()
    const basic = `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`
    for (const headers of [{ Authorization: basic }, { 'JOB-TOKEN': token }, { 'Deploy-Token': token }]) {
      expect(await api.ask('GET', '/user', { headers })).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
    }
  })

  test('an unknown token is refused on a route that is open to anyone', async () => {
    expect((await api.ask('GET', '/users?username=root')).status).toBe(200)
    expect((await api.ask('GET', '/users?username=root', { token: 'glpat-unknown' })).status).toBe(401)
  })
})

describe('why a token is refused', () => {
  const cases: [string, TokenFields, number, object][] = [
    ['expired today', { expires_at: '2026-03-10' }, 401, expired],
    ['expires tomorrow', { expires_at: '2026-03-11' }, 200, {}],
    ['expired and revoked', { expires_at: '2026-03-09', revoked: 1 }, 401, expired],
    ['revoked', { revoked: 1 }, 401, revoked],
    ['revoked, without a fitting scope', { revoked: 1, scopes: ['read_repository'] }, 401, revoked],
    ['no fitting scope', { scopes: ['read_repository'] }, 403, insufficient('api read_api read_user')],
    ['read_api', { scopes: ['read_api'] }, 200, {}],
    ['read_user', { scopes: ['read_user'] }, 200, {}],
    ['impersonation, switched on', { impersonation: 1 }, 200, {}],
  ]
  test.each(cases)('%s', async (_name, fields, status, body) => {
    const { token } = await userWith('active', fields)
    expect(await api.ask('GET', '/user', { token })).toMatchObject({ status, body })
  })

  test('read_api does not write', async () => {
    const { token } = await userWith('active', { scopes: ['read_api', 'read_user'] })
    const reply = await api.ask('POST', '/user/keys', { token, json: {} })
    expect(reply).toMatchObject({ status: 403, body: insufficient('api') })
    expect(reply.headers.get('www-authenticate')).toBeNull()
  })

  test('impersonation switched off', async () => {
    const { token } = await userWith('active', { impersonation: 1 }, off)
    expect(await off.ask('GET', '/user', { token })).toMatchObject({
      status: 401,
      body: { error: 'invalid_token', error_description: 'Token is an impersonation token but impersonation was disabled.' },
    })
  })

  test('what the log says, and the challenge', async () => {
    const { token, id } = await userWith('active', { revoked: 1 })
    const { headers } = await api.ask('GET', '/user', { token })
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(await lastLine()).toMatchObject({
      status: 401,
      'meta.auth_fail_reason': 'token_revoked',
      'meta.auth_fail_token_id': `PersonalAccessToken/${id}`,
    })
    await api.ask('GET', '/user', { token: 'glpat-unknown' })
    expect(await lastLine()).toMatchObject({ status: 401, 'meta.refusal_reason': 'credential_unknown' })
    expect(JSON.stringify(api.lines)).not.toContain(token)
  })
})

describe('the state of the account', () => {
  const cases: [UserState, string][] = [
    ['blocked', '403 Forbidden - Your account has been blocked.'],
    ['banned', '403 Forbidden - Your account has been blocked.'],
    ['blocked_pending_approval', '403 Forbidden - Your account is pending approval from your administrator and hence blocked.'],
    ['deactivated', '403 Forbidden - Your account has been deactivated by your administrator.'],
  ]
  test.each(cases)('%s', async (state, message) => {
    const { token } = await userWith(state)
    const reply = await api.ask<{ message: string }>('GET', '/user', { token })
    expect(reply.status).toBe(403)
    expect(reply.body.message.startsWith(message)).toBe(true)
  })

  test('an unconfirmed address', async () => {
    const id = await api.addUser('unconfirmed', { confirmed_at: null })
    const { token } = await api.addToken(id)
    const reply = await api.ask<{ message: string }>('GET', '/user', { token })
    expect([reply.status, reply.body.message]).toEqual([
      403,
      expect.stringContaining('Your primary email address is not confirmed.'),
    ])
  })
})

describe('sudo', () => {
  test('an administrator acts as another, by number or name, in a header or parameter', async () => {
    const { username } = await userWith()
    const { token } = await api.addToken(api.root.id, { scopes: ['sudo'] })
    expect(await api.ask('GET', '/user', { token, headers: { Sudo: username } })).toMatchObject({
      status: 200,
      body: { username },
    })
    expect(await api.ask('GET', `/user?sudo=${username}`, { token })).toMatchObject({ status: 200, body: { username } })
    const users = await api.ask<{ id: number }[]>('GET', `/users?username=${username}`)
    const byId = await api.ask('GET', '/user', { token, headers: { Sudo: String(users.body[0]?.id) } })
    expect(byId).toMatchObject({ status: 200, body: { username } })
    expect(await lastLine()).toMatchObject({ username, 'meta.sudo_by': 'root' })
  })

  test('a number in JSON is a number too; what names nobody is not left out', async () => {
    const { username } = await userWith()
    const [user] = (await api.ask<{ id: number }[]>('GET', `/users?username=${username}`)).body
    const key = { name: 'x', scopes: ['self_rotate'] }
    const ask = (sudo: unknown) =>
      api.ask('POST', '/user/personal_access_tokens', { token: api.root.token, json: { ...key, sudo } })
    expect(await ask(user?.id)).toMatchObject({ status: 201, body: { user_id: user?.id } })
    expect(await ask(null)).toMatchObject({ status: 201, body: { user_id: api.root.id } })
    for (const sudo of ['', true, [user?.id], { id: user?.id }]) expect((await ask(sudo)).status).toBe(404)
  })

  test('has the rights of that user, not of the administrator', async () => {
    const { username } = await userWith()
    expect((await api.ask('GET', '/deploy_tokens', { token: api.root.token, headers: { Sudo: username } })).status).toBe(403)
  })

  test('refusals', async () => {
    const { token, username } = await userWith('active', { scopes: ['api', 'sudo'] })
    expect(await api.ask('GET', '/user', { token, headers: { Sudo: 'root' } })).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden - Must be admin to use sudo' },
    })
    const plain = await api.addToken(api.root.id, { scopes: ['api'] })
    expect(await api.ask('GET', '/user', { token: plain.token, headers: { Sudo: username } })).toMatchObject({
      status: 403,
      body: insufficient('sudo'),
    })
    expect(await api.ask('GET', '/user', { token: api.root.token, headers: { Sudo: 'nobody' } })).toMatchObject({
      status: 404,
      body: { message: "404 User with ID or username 'nobody' Not Found" },
    })
    expect((await api.ask('GET', '/users?username=root', { headers: { Sudo: 'root' } })).status).toBe(401)
  })
})
