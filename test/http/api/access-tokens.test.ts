import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { startApi } from './api-server.ts'

interface Token {
  readonly id: number
  readonly token: string
  readonly user_id: number
  readonly expires_at: string
}

let api: Awaited<ReturnType<typeof startApi>>
let alice: { id: UserId; token: string; tokenId: number }
let bob: { id: UserId; token: string; tokenId: number }

const signUp = async (username: string) => {
  const id = await api.addUser(username)
  const made = await api.addToken(id, { name: `first of ${username}` })
  return { id, token: made.token, tokenId: made.id }
}

beforeAll(async () => {
  api = await startApi()
  alice = await signUp('alice')
  bob = await signUp('bob')
})
afterAll(() => api.close())

const asRoot = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  api.ask<Body>(method, path, { token: api.root.token, ...(json !== undefined && { json }) })

const as = (who: { token: string }) => ({ token: who.token })

const tokenKeys = [
  'id',
  'name',
  'revoked',
  'created_at',
  'description',
  'scopes',
  'user_id',
  'last_used_at',
  'active',
  'expires_at',
]

describe('POST /users/:user_id/personal_access_tokens', () => {
  const path = () => `/users/${alice.id}/personal_access_tokens`

  test('makes a token that works, shown once, kept as a digest', async () => {
    const made = await asRoot<Token>('POST', path(), { name: 'ci', scopes: ['api', 'read_user'], description: 'for CI' })
    expect(made.status).toBe(201)
    expect(Object.keys(made.body)).toEqual([...tokenKeys, 'token'])
    expect(made.body).toMatchObject({
      name: 'ci',
      description: 'for CI',
      scopes: ['api', 'read_user'],
      user_id: alice.id,
      active: true,
      revoked: false,
      expires_at: '2027-03-10',
      last_used_at: null,
      created_at: '2026-03-10T12:00:00.000Z',
    })
    expect(made.body.token).toMatch(/^glpat-[A-Za-z0-9_-]{20}$/)
    expect(await api.ask('GET', '/user', { token: made.body.token })).toMatchObject({ status: 200, body: { username: 'alice' } })

    const again = await asRoot('GET', `/personal_access_tokens/${made.body.id}`)
    expect(again.body).toMatchObject({ id: made.body.id, last_used_ips: ['127.0.0.1'] })
    expect(again.body).not.toHaveProperty('token')
    await sql`pragma wal_checkpoint(truncate)`.execute(api.store.write)
    const database = await readFile(join(api.home, 'sallyport.db'), 'latin1')
    expect(database).toContain('for CI')
    expect(database).not.toContain(made.body.token)
    expect(JSON.stringify(api.lines)).not.toContain(made.body.token)
  })

  const accepted: [string, object, object][] = [
    ['one string with commas', { scopes: 'api,read_repository' }, { scopes: ['api', 'read_repository'] }],
    ['the last day', { expires_at: '2027-03-10' }, { expires_at: '2027-03-10', active: true }],
    ['a past day', { expires_at: '2020-01-01' }, { expires_at: '2020-01-01', active: false }],
    ['a time', { expires_at: '2026-04-01T10:00:00Z' }, { expires_at: '2026-04-01' }],
    ['an empty day', { expires_at: '' }, { expires_at: '2027-03-10' }],
  ]
  test.each(accepted)('takes %s', async (_name, fields, body) => {
    expect(await asRoot('POST', path(), { name: 't', scopes: ['api'], ...fields })).toMatchObject({ status: 201, body })
  })

  const refused: [string, object, object][] = [
    ['nothing', {}, { error: 'name is missing, scopes is missing' }],
    ['an unknown scope', { name: 't', scopes: ['api', 'everything'] }, { error: 'scopes does not have a valid value' }],
    ['no scope', { name: 't', scopes: [] }, { message: "Scopes can't be blank" }],
    ["an administrator's scope", { name: 't', scopes: ['sudo'] }, { message: 'Scopes can only contain available scopes' }],
    [
      'a day too late',
      { name: 't', scopes: ['api'], expires_at: '2027-03-11' },
      { message: 'Expiration date must be before 2027-03-10' },
    ],
    ['no day', { name: 't', scopes: ['api'], expires_at: '2026-02-30' }, { error: 'expires_at is invalid' }],
    ['an empty name', { name: '', scopes: ['api'] }, { message: "Name can't be blank" }],
    ['an object as scopes', { name: 't', scopes: { a: 1 } }, { error: 'scopes is invalid' }],
  ]
  test.each(refused)('refuses %s', async (_name, fields, body) => {
    expect(await asRoot('POST', path(), fields)).toMatchObject({ status: 400, body })
  })

  test('for administrators alone', async () => {
    const json = { name: 't', scopes: ['api'] }
    expect((await api.ask('POST', path(), { ...as(alice), json })).status).toBe(403)
    expect((await api.ask('POST', path(), { json })).status).toBe(401)
    expect((await asRoot('POST', '/users/99999/personal_access_tokens', json)).status).toBe(404)
    expect((await asRoot('POST', `/users/${api.root.id}/personal_access_tokens`, { name: 't', scopes: ['sudo'] })).status).toBe(
      201,
    )
  })

  test('a form with repeated names', async () => {
    const form = 'name=f&scopes[]=api&scopes[]=read_user'
    expect(await api.ask('POST', path(), { token: api.root.token, form })).toMatchObject({
      status: 201,
      body: { scopes: ['api', 'read_user'] },
    })
  })
})

describe('/personal_access_tokens', () => {
  test('who sees and ends which', async () => {
    const mine = await api.addToken(alice.id, { name: 'mine' })
    const acted = await api.addToken(alice.id, { name: 'acted', impersonation: 1 })
    const cases: [string, string, number, object | undefined][] = [
      ['GET', `/personal_access_tokens/${mine.id}`, 200, { name: 'mine' }],
      ['GET', `/personal_access_tokens/${acted.id}`, 401, { message: '401 Unauthorized' }],
      ['GET', `/personal_access_tokens/${bob.tokenId}`, 401, { message: '401 Unauthorized' }],
      ['GET', '/personal_access_tokens/99999', 401, { message: '401 Unauthorized' }],
      ['GET', '/personal_access_tokens/word', 400, { error: 'id is invalid' }],
      ['GET', `/personal_access_tokens?user_id=${bob.id}`, 401, { message: '401 Unauthorized' }],
      ['DELETE', `/personal_access_tokens/${bob.tokenId}`, 400, { message: '400 Bad request' }],
      ['DELETE', `/personal_access_tokens/${acted.id}`, 400, { message: '400 Bad request' }],
      ['DELETE', '/personal_access_tokens/99999', 404, { message: '404 Not found' }],
      ['DELETE', `/personal_access_tokens/${mine.id}`, 204, undefined],
    ]
    for (const [method, path, status, body] of cases) {
      const reply = await api.ask(method, path, as(alice))
      expect({ method, path, status: reply.status }).toEqual({ method, path, status })
      if (body) expect(reply.body).toMatchObject(body)
    }
    expect(await api.ask('GET', '/user', mine)).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    expect((await asRoot('GET', '/personal_access_tokens/99999')).body).toEqual({ message: '404 Not Found' })
    for (const id of ['99999', '']) {
      expect((await asRoot('GET', `/personal_access_tokens?user_id=${id}`)).body).toEqual({ message: '404 Not Found' })
    }
    expect((await asRoot('DELETE', `/personal_access_tokens/${acted.id}`)).status).toBe(204)
    expect((await api.ask('GET', '/personal_access_tokens')).status).toBe(401)
  })

  test('lists and filters', async () => {
    const carl = await signUp('carl')
    await api.addToken(carl.id, { name: 'Old one', revoked: 1, expires_at: '2026-01-01' })
    await api.addToken(carl.id, { name: 'expired', expires_at: '2026-03-10' })
    await api.addToken(carl.id, { name: 'acting', impersonation: 1 })
    const names = async (query: string, token = carl.token) =>
      (await api.ask<{ name: string }[]>('GET', `/personal_access_tokens?${query}`, { token })).body.map(({ name }) => name)
    expect(await names('')).toEqual(['first of carl', 'Old one', 'expired'])
    expect(await names(`user_id=${carl.id}`)).toHaveLength(3)
    expect(await names(`user_id=${carl.id}`, api.root.token)).toContain('acting')
    expect(await names('state=active')).toEqual(['first of carl'])
    expect(await names('state=inactive')).toEqual(['Old one', 'expired'])
    expect(await names('revoked=false')).toEqual(['first of carl', 'expired'])
    expect(await names('state=inactive&revoked=false')).toEqual(['expired'])
    expect(await names('search=OLD')).toEqual(['Old one'])
    const { id, token } = await signUp('erik')
    await api.addToken(id, { name: 'Über_alles 100%' })
    for (const word of ['Über', 'über', 'ÜBER', 'r_a', '0%']) {
      expect(await names(`search=${encodeURIComponent(word)}`, token)).toEqual(['Über_alles 100%'])
    }
    expect(await names('expires_before=2026-02-01')).toEqual(['Old one'])
    expect(await names('created_after=2026-03-11')).toEqual([])
    expect(await names('sort=name_desc')).toEqual(['Old one', 'first of carl', 'expired'])
    expect(await names('sort=name_asc')).toEqual(['expired', 'first of carl', 'Old one'])
    expect(await names('sort=none_such')).toEqual(await names(''))
    expect(await names('sort=id_desc')).toEqual((await names('')).toReversed())
    expect(await names('expires_after=2026-03-10&expires_before=2026-03-11')).toEqual(['expired'])
    expect((await api.ask('GET', '/personal_access_tokens?state=dead', carl)).body).toEqual({
      error: 'state does not have a valid value',
    })
    const all = await asRoot<unknown[]>('GET', '/personal_access_tokens?per_page=100')
    expect(all.body.length).toBeGreaterThan(3)
  })

  test('bounds of the time of birth count in; who has no end comes last, or first', async () => {
    const dora = await api.addUser('dora')
    const endless = await api.addToken(dora, { name: 'endless', expires_at: null })
    const ends = await api.addToken(dora, { name: 'ends', expires_at: '2026-12-01' })
    const also = await api.addToken(dora, { name: 'also', expires_at: '2026-12-01' })
    const ids = async (query: string) =>
      (await api.ask<{ id: number }[]>('GET', `/personal_access_tokens?${query}`, endless)).body.map(({ id }) => id)
    expect(await ids('sort=expires_asc')).toEqual([also.id, ends.id, endless.id])
    expect(await ids('sort=expires_desc')).toEqual([endless.id, also.id, ends.id])
    const born = (await asRoot<{ created_at: string }>('GET', `/personal_access_tokens/${ends.id}`)).body.created_at
    for (const bound of ['created_after', 'created_before']) expect(await ids(`${bound}=${born}`)).toContain(ends.id)
  })

  test('self, whatever the scopes', async () => {
    const { token, id } = await api.addToken(bob.id, { scopes: ['read_repository'] })
    expect(await api.ask('GET', '/personal_access_tokens/self', { token })).toMatchObject({
      status: 200,
      body: { id, scopes: ['read_repository'], last_used_ips: ['127.0.0.1'] },
    })
    expect((await api.ask('GET', `/personal_access_tokens/${id}`, { token })).status).toBe(403)
    expect((await api.ask('DELETE', '/personal_access_tokens/self', { token })).status).toBe(204)
    expect(await api.ask('GET', '/personal_access_tokens/self', { token })).toMatchObject({
      status: 401,
      body: { error_description: 'Token was revoked. You have to re-authorize from the user.' },
    })
    const acting = await api.addToken(bob.id, { impersonation: 1 })
    expect((await api.ask('GET', '/personal_access_tokens/self', acting)).status).toBe(200)
    expect((await api.ask('DELETE', '/personal_access_tokens/self', acting)).status).toBe(400)
  })
})

describe('impersonation tokens', () => {
  test('an administrator makes, lists, shows and ends them', async () => {
    const path = `/users/${bob.id}/impersonation_tokens`
    const made = await asRoot<Token>('POST', path, { name: 'act', scopes: ['api'], expires_at: '2026-05-01' })
    expect(made).toMatchObject({ status: 201, body: { impersonation: true, expires_at: '2026-05-01', user_id: bob.id } })
    expect((await api.ask('GET', '/user', { token: made.body.token })).body).toMatchObject({ username: 'bob' })
    expect((await asRoot<object[]>('GET', `${path}?state=active`)).body).toContainEqual(
      expect.objectContaining({ id: made.body.id, impersonation: true }),
    )
    expect((await asRoot('GET', `${path}/${made.body.id}`)).body).not.toHaveProperty('token')
    expect(await asRoot('GET', `${path}/${bob.tokenId}`)).toMatchObject({
      status: 404,
      body: { message: '404 Impersonation Token Not Found' },
    })
    expect((await asRoot('DELETE', `${path}/${made.body.id}`)).status).toBe(204)
    expect((await asRoot('GET', `${path}/${made.body.id}`)).body).toMatchObject({ revoked: true, active: false })
    expect((await asRoot<object[]>('GET', `${path}?state=inactive`)).body).toContainEqual(
      expect.objectContaining({ id: made.body.id }),
    )
    expect((await api.ask('GET', '/user', { token: made.body.token })).status).toBe(401)
  })

  test('refusals', async () => {
    const path = `/users/${bob.id}/impersonation_tokens`
    for (const method of ['GET', 'POST']) expect((await api.ask(method, path, as(bob))).status).toBe(403)
    expect((await asRoot('POST', path, { name: 'x' })).body).toEqual({ message: { scopes: ["can't be blank"] } })
    expect((await asRoot('POST', path, { scopes: ['api'] })).body).toEqual({ error: 'name is missing' })
    expect((await asRoot('POST', path, { name: 'x', scopes: ['api'], expires_at: '2028-01-01' })).body).toEqual({
      message: { expires_at: ['must be before 2027-03-10'] },
    })
  })
})
