import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

let world: World
let project: number

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('app')
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token: world.token('root'), ...(json !== undefined && { json }) })

interface Made {
  readonly id: number
  readonly token: string
}

const make = async (path: string, fields: object): Promise<Made> => {
  const { status, body } = await ask<Made>('POST', path, fields)
  expect(status).toBe(201)
  return body
}

const fresh = { name: 'found', scopes: ['read_api'] }
const person = (name: string) => world.people[name as 'guest']

const makers: Record<string, () => Promise<Made>> = {
  'personal access token': () => make(`/users/${person('guest').id}/personal_access_tokens`, fresh),
  'impersonation token': () => make(`/users/${person('guest').id}/impersonation_tokens`, fresh),
  'project access token': () => make(`/projects/${project}/access_tokens`, fresh),
  'group access token': () => make(`/groups/${world.group}/access_tokens`, fresh),
  'project deploy token': () => make(`/projects/${project}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] }),
  'group deploy token': () => make(`/groups/${world.group}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] }),
  'trigger token': () => make(`/projects/${project}/triggers`, { description: 'nightly' }),
  'feed token': async () => ({
    id: world.people.root.id,
    token: (await ask<Made>('GET', '/sallyport/user/feed_token')).body.token,
  }),
  'incoming email token': async () => ({
    id: world.people.root.id,
    token: (await ask<Made>('GET', '/sallyport/user/incoming_email_token')).body.token,
  }),
}

const told: Record<string, object> = {
  'personal access token': { name: 'found', scopes: ['read_api'], impersonation: false, revoked: false, active: true },
  'impersonation token': { name: 'found', impersonation: true },
  'project access token': { name: 'found', previous_personal_access_token_id: null },
  'group access token': { name: 'found' },
  'project deploy token': { name: 'd', revoked: false, expired: false },
  'group deploy token': { name: 'd' },
  'trigger token': { description: 'nightly', last_used: null },
  'feed token': { username: 'root' },
  'incoming email token': { username: 'root' },
}

describe('POST /admin/token', () => {
  test.each(Object.keys(makers))('knows a %s', async (kind) => {
    const { id, token } = (await makers[kind]?.()) ?? { id: 0, token: '' }
    const answer = await ask('POST', '/admin/token', { token })
    expect(answer).toMatchObject({ status: 200, body: { id, ...told[kind] } })
    if (kind !== 'trigger token') expect(JSON.stringify(answer.body)).not.toContain(token)
  })

  test('tells a revoked and an expired one too', async () => {
    const { id } = world.people.guest
    const revoked = await world.addToken(id, { revoked: 1 })
    const expired = await world.addToken(id, { expires_at: '2020-01-01' })
    expect(await ask('POST', '/admin/token', { token: revoked.token })).toMatchObject({ body: { revoked: true, active: false } })
    expect(await ask('POST', '/admin/token', { token: expired.token })).toMatchObject({ body: { revoked: false, active: false } })
  })

  test("shows of another's trigger no more than its beginning", async () => {
    const json = { description: 'theirs' }
    const { body } = await world.ask<Made>('POST', `/projects/${project}/triggers`, { token: world.token('maintainer'), json })
    const answer = await ask<Made>('POST', '/admin/token', { token: body.token })
    expect(answer.body.token).toBe(body.token.slice(6, 10))
  })

  test('takes a form, and the query', async () => {
    const { id, token } = await world.addToken(world.people.guest.id)
    const root = world.token('root')
    expect(await world.ask('POST', '/admin/token', { token: root, form: { token } })).toMatchObject({ status: 200, body: { id } })
    expect(await world.ask('POST', `/admin/token?token=${token}`, { token: root })).toMatchObject({ status: 200, body: { id } })
    expect(JSON.stringify(world.lines)).not.toContain(token)
  })
})

const refused: [string, object, number, object][] = [
  ['no token', {}, 400, { error: 'token is missing' }],
  ['a list', { token: ['glpat-x'] }, 400, { error: 'token is invalid' }],
  ['an empty text', { token: '' }, 422, { message: 'Token type not supported.' }],
  ['another text', { token: 'unsupported' }, 422, { message: 'Token type not supported.' }],
  ['a kind that GitLab does not know here', { token: 'glsoat-abc' }, 422, { message: 'Token type not supported.' }],
  ['a text without end', { token: 'x'.repeat(8193) }, 400, { message: { token: ['is too long (maximum is 8192 characters)'] } }],
  ['the longest text', { token: `glpat-${'x'.repeat(8186)}` }, 404, { message: { error: 'Not found' } }],
  ...[
    'glpat-unknown',
    'gldt-unknown',
    'glft-unknown',
    `glft-${'0'.repeat(64)}-1`,
    'glimt-unknown',
    'glptt-unknown',
    'glcbt-unknown',
    'gloas-unknown',
    'glagent-unknown',
    'glrt-unknown',
    'glrtr-unknown',
    'glffct-unknown',
    '_gitlab_session=unknown',
  ].map((token): [string, object, number, object] => [token, { token }, 404, { message: { error: 'Not found' } }]),
]

describe.each(['POST', 'DELETE'])('%s /admin/token', (method) => {
  test.each(refused)('refuses %s', async (_name, fields, status, body) => {
    expect(await ask(method, '/admin/token', fields)).toMatchObject({ status, body })
  })

  test('is for administrators alone', async () => {
    const { token } = await world.addToken(world.people.guest.id)
    for (const who of ['owner', 'stranger'] as const) {
      const answer = await world.ask(method, '/admin/token', { token: world.token(who), json: { token } })
      expect(answer).toMatchObject({ status: 403, body: { message: '403 Forbidden' } })
    }
    expect(await world.ask(method, '/admin/token', { json: { token } })).toMatchObject({ status: 401 })
    expect((await world.ask('GET', '/user', { token })).status).toBe(200)
  })

  test('asks for scope api', async () => {
    const { token } = await world.addToken(world.people.root.id, { scopes: ['read_api'] })
    expect((await world.ask(method, '/admin/token', { token, json: { token } })).status).toBe(403)
  })
})

describe('DELETE /admin/token', () => {
  test.each(['personal access token', 'impersonation token', 'project access token', 'group access token'])(
    'ends a %s at once',
    async (kind) => {
      const { id, token } = (await makers[kind]?.()) ?? { id: 0, token: '' }
      expect((await world.ask('GET', '/user', { token })).status).toBe(200)
      expect(await ask('DELETE', '/admin/token', { token })).toMatchObject({ status: 204, body: undefined })
      expect((await world.ask('GET', '/user', { token })).status).toBe(401)
      const row = await sql<{ revoked: number }>`select revoked from access_tokens where id = ${id}`.execute(world.store.read)
      expect(row.rows[0]?.revoked ?? 'gone with its bot').toBe(
        kind.endsWith('access token') && !kind.startsWith('personal') ? 'gone with its bot' : 1,
      )
    },
  )

  test.each(['project deploy token', 'group deploy token'])('revokes a %s, which stays to be seen', async (kind) => {
    const { token } = (await makers[kind]?.()) ?? { token: '' }
    expect((await ask('DELETE', '/admin/token', { token })).status).toBe(204)
    expect(await ask('POST', '/admin/token', { token })).toMatchObject({ status: 200, body: { revoked: true } })
  })

  test('lets a trigger be over', async () => {
    const { id, token } = await (makers['trigger token'] ?? (async () => ({ id: 0, token: '' })))()
    expect((await ask('DELETE', '/admin/token', { token })).status).toBe(204)
    expect((await ask('GET', `/projects/${project}/triggers/${id}`)).status).toBe(404)
    expect(await ask('POST', '/admin/token', { token })).toMatchObject({ body: { expires_at: '2026-03-10T12:00:00.000Z' } })
  })

  test.each(['feed', 'incoming_email'])('resets a %s token', async (kind) => {
    const path = `/sallyport/user/${kind}_token`
    const before = (await ask<Made>('GET', path)).body.token
    expect((await ask('DELETE', '/admin/token', { token: before })).status).toBe(204)
    expect((await ask<Made>('GET', path)).body.token).not.toBe(before)
    expect((await ask('DELETE', '/admin/token', { token: before })).status).toBe(404)
  })

  test('is audited, with nothing of the token', async () => {
    const { id, token } = await world.addToken(world.people.guest.id)
    await ask('DELETE', '/admin/token', { token })
    const rows = await sql<Record<string, string>>`select * from activity.audit_events where target_id = ${String(id)}
      and name = 'personal_access_token_revoked'`.execute(world.store.read)
    expect(rows.rows).toHaveLength(1)
    expect(JSON.stringify(rows.rows)).not.toContain(token)
  })
})

describe('where access tokens begin otherwise', () => {
  test('both the old and the chosen beginning are known', async () => {
    const { token: old } = await world.addToken(world.people.guest.id)
    await ask('PUT', '/application/settings', { personal_access_token_prefix: 'castle-' })
    const made = await make(`/users/${person('guest').id}/personal_access_tokens`, fresh)
    expect(made.token).toMatch(/^castle-/)
    expect((await ask('POST', '/admin/token', { token: made.token })).status).toBe(200)
    expect((await ask('POST', '/admin/token', { token: old })).status).toBe(200)
    expect((await ask('POST', '/admin/token', { token: 'tower-x' })).status).toBe(422)
    await ask('PUT', '/application/settings', { personal_access_token_prefix: '' })
    expect((await ask('POST', '/admin/token', { token: 'tower-x' })).status).toBe(404)
    const { token } = await (makers['trigger token'] ?? (async () => ({ token: '' })))()
    expect(await ask('POST', '/admin/token', { token })).toMatchObject({ status: 200, body: { description: 'nightly' } })
    await ask('PUT', '/application/settings', { personal_access_token_prefix: 'glpat-' })
  })
})
