import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { startApi } from './api-server.ts'

let api: Awaited<ReturnType<typeof startApi>>
let alice: { id: UserId; token: string }
beforeAll(async () => {
  api = await startApi()
  const id = await api.addUser('alice')
  alice = { ...(await api.addToken(id)), id }
})
afterAll(() => api.close())

const asRoot = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  api.ask<Body>(method, path, { token: api.root.token, ...(json !== undefined && { json }) })

const person = (username: string, more: object = {}) => ({
  email: `${username}@example.org`,
  username,
  name: `Name ${username}`,
  password: 'long enough 1',
  ...more,
})

const basicKeys = ['id', 'username', 'public_email', 'name', 'state', 'locked', 'avatar_url', 'web_url']

describe('GET /user', () => {
  test('a user sees itself, an administrator more of itself', async () => {
    const own = await api.ask('GET', '/user', { token: alice.token })
    expect(own).toMatchObject({
      status: 200,
      body: {
        id: alice.id,
        username: 'alice',
        state: 'active',
        email: 'alice@example.org',
        web_url: 'https://git.example.org/alice',
        two_factor_enabled: false,
        bot: false,
        external: false,
        can_create_group: true,
      },
    })
    expect(own.body).not.toHaveProperty('is_admin')
    expect((await asRoot('GET', '/user')).body).toMatchObject({
      username: 'root',
      is_admin: true,
      namespace_id: expect.any(Number),
    })
    expect((await api.ask('GET', '/user')).status).toBe(401)
  })
})

describe('GET /users', () => {
  test('others see the short form, administrators the whole', async () => {
    const short = await api.ask<object[]>('GET', '/users?username=ALICE', { token: alice.token })
    expect(short.status).toBe(200)
    expect(short.body.map((user) => Object.keys(user))).toEqual([basicKeys])
    expect((await asRoot<object[]>('GET', '/users?username=alice')).body[0]).toMatchObject({
      email: 'alice@example.org',
      is_admin: false,
    })
  })

  test('anonymous callers ask for one username only', async () => {
    expect(await api.ask('GET', '/users')).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden - Not authorized to access /api/v4/users' },
    })
    expect((await api.ask<object[]>('GET', '/users?username=alice')).body).toHaveLength(1)
    expect((await api.ask('GET', `/users/${alice.id}`)).status).toBe(403)
  })

  test('searches and filters', async () => {
    await api.addUser('zoe_blocked', { state: 'blocked', name: 'Zoe One' })
    await api.addUser('zoe_external', { is_external: 1, name: 'Zoe Two' })
    const names = async (query: string, token = api.root.token) =>
      (await api.ask<{ username: string }[]>('GET', `/users?${query}`, { token })).body.map(({ username }) => username)
    expect(await names('search=zoe')).toEqual(['zoe_external', 'zoe_blocked'])
    expect(await names('search=zoe', alice.token)).toEqual(['zoe_external'])
    expect(await names('search=zoe&sort=asc&order_by=username')).toEqual(['zoe_blocked', 'zoe_external'])
    expect(await names('search=zoe&blocked=true')).toEqual(['zoe_blocked'])
    expect(await names('search=zoe&active=1')).toEqual(['zoe_external'])
    expect(await names('external=true')).toEqual(['zoe_external'])
    expect(await names('exclude_external=true&search=zoe')).toEqual(['zoe_blocked'])
    expect(await names('admins=true')).toEqual(['root'])
    expect(await names('search=zoe_external@example.org')).toEqual(['zoe_external'])
    expect(await names('search=zoe_external@example.org', alice.token)).toEqual([])
    expect(await names('search=z%25')).toEqual([])
    expect((await asRoot('GET', '/users?active=perhaps')).body).toEqual({ error: 'active is invalid' })
    expect((await asRoot('GET', '/users?sort=up')).body).toEqual({ error: 'sort does not have a valid value' })
  })
})

describe('who is an administrator or external', () => {
  const names = async (query: string, token?: string) =>
    (await api.ask<{ username: string }[]>('GET', `/users?${query}`, { token })).body.map(({ username }) => username)

  test.each(['admins', 'external', 'exclude_external'])('is not told to others by %s', async (filter) => {
    for (const token of [undefined, alice.token]) {
      for (const username of ['root', 'alice', 'zoe_external']) {
        expect(await names(`username=${username}&${filter}=true`, token)).toEqual([username])
      }
    }
  })
})

describe('GET /users/:id', () => {
  test('by number', async () => {
    expect(await api.ask('GET', `/users/${api.root.id}`, { token: alice.token })).toMatchObject({
      status: 200,
      body: { username: 'root', bot: false, created_at: expect.any(String) },
    })
    expect((await api.ask('GET', `/users/${api.root.id}`, { token: alice.token })).body).not.toHaveProperty('email')
    expect((await asRoot('GET', `/users/${alice.id}`)).body).toMatchObject({ email: 'alice@example.org', is_admin: false })
    expect(await asRoot('GET', '/users/99999')).toMatchObject({ status: 404, body: { message: '404 User Not Found' } })
    expect(await asRoot('GET', '/users/alice')).toMatchObject({ status: 400, body: { error: 'id is invalid' } })
  })
})

describe('POST /users', () => {
  test('makes a user with a namespace and a hashed password', async () => {
    const reply = await asRoot('POST', '/users', person('bob', { admin: true, note: 'hired', projects_limit: '5' }))
    expect(reply).toMatchObject({
      status: 201,
      body: {
        username: 'bob',
        state: 'active',
        is_admin: true,
        note: 'hired',
        projects_limit: 5,
        namespace_id: expect.any(Number),
      },
    })
    expect(reply.body['created_by']).toMatchObject({ username: 'root' })
    const row = await api.store.read.selectFrom('users').selectAll().where('username', '=', 'bob').executeTakeFirstOrThrow()
    expect(row.password_hash).toContain('$argon2id$')
    const route = await api.store.read.selectFrom('routes').selectAll().where('path_key', '=', 'bob').executeTakeFirstOrThrow()
    expect(route.namespace_id).toBe(reply.body['namespace_id'])
  })

  test('an external user makes nothing; no password is needed where none is wanted', async () => {
    const { password: _, ...without } = person('ext', { external: true, force_random_password: true })
    expect(await asRoot('POST', '/users', without)).toMatchObject({
      status: 201,
      body: { external: true, can_create_group: false, projects_limit: 0, can_create_project: false },
    })
    const row = await api.store.read.selectFrom('users').selectAll().where('username', '=', 'ext').executeTakeFirstOrThrow()
    expect(row.password_hash).toBeNull()
  })

  const long = 'x'.repeat(256)
  const refused: [string, object, number, unknown][] = [
    ['nothing', {}, 400, { error: 'email is missing, username is missing, name is missing' }],
    [
      'no password',
      { email: 'a@b.c', username: 'nopass', name: 'n' },
      400,
      { error: 'password, reset_password, force_random_password are missing, at least one parameter must be provided' },
    ],
    [
      'a short password',
      person('shorty', { password: '1234567' }),
      400,
      { message: { password: ['is too short (minimum is 8 characters)'] } },
    ],
    ['a taken username', person('ALICE', { email: 'other@example.org' }), 409, { message: 'Username has already been taken' }],
    ['a taken address', person('other', { email: 'Alice@example.org' }), 409, { message: 'Email has already been taken' }],
    ['a bad address', person('badmail', { email: 'nowhere' }), 400, { message: { email: ['is invalid'] } }],
    ['a reserved name', person('api'), 400, { message: { username: ['api is a reserved name'] } }],
    [
      'a slash',
      person('a/b', { email: 'ab@example.org' }),
      400,
      { message: { username: [expect.stringContaining('can contain only letters')] } },
    ],
    [
      'dots',
      person('..', { email: 'dd@example.org' }),
      400,
      { message: { username: [expect.stringContaining('can contain only letters')] } },
    ],
    [
      '.git',
      person('a.git', { email: 'ag@example.org' }),
      400,
      { message: { username: [expect.stringContaining('can contain only letters')] } },
    ],
    ['a long name', person('longname', { name: long }), 400, { message: { name: ['is too long (maximum is 255 characters)'] } }],
    ['a blank name', person('blank', { name: ' ' }), 400, { message: { name: ["can't be blank"] } }],
    ['a list for a name', person('listname', { name: ['x'] }), 400, { error: 'name is invalid' }],
    ['a word for a switch', person('switch', { admin: 'perhaps' }), 400, { error: 'admin is invalid' }],
    ['NUL', person('nul', { name: 'a\0b' }), 400, { error: expect.stringContaining('NUL') }],
  ]
  test.each(refused)('refuses %s', async (_name, body, status, answer) => {
    expect(await asRoot('POST', '/users', body)).toMatchObject({ status, body: answer })
  })

  test('only by administrators', async () => {
    expect(await api.ask('POST', '/users', { token: alice.token, json: person('carl') })).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden' },
    })
    expect((await api.ask('POST', '/users', { json: person('carl') })).status).toBe(401)
  })

  test('of many at once with one name, one is made', async () => {
    const tries = Array.from({ length: 8 }, (_, index) =>
      asRoot('POST', '/users', person('racer', { email: `racer${index}@example.org` })),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort()
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409])
  })

  test('a name that a group has is taken', async () => {
    await asRoot('POST', '/groups', { name: 'Crew', path: 'crew' })
    expect(await asRoot('POST', '/users', person('Crew'))).toMatchObject({
      status: 409,
      body: { message: 'Username has already been taken' },
    })
  })
})

describe('PUT /users/:id', () => {
  test('changes what is given, and the namespace with the name', async () => {
    const { body } = await asRoot<{ id: number }>('POST', '/users', person('dora'))
    const reply = await asRoot('PUT', `/users/${body.id}`, {
      username: 'dorothy',
      name: 'Dorothy',
      external: true,
      password: 'another long one',
    })
    expect(reply).toMatchObject({
      status: 200,
      body: { username: 'dorothy', name: 'Dorothy', external: true, email: 'dora@example.org' },
    })
    const routes = await api.store.read.selectFrom('routes').select('path').where('path_key', 'in', ['dora', 'dorothy']).execute()
    expect(routes).toEqual([{ path: 'dorothy' }])
    expect(await asRoot('PUT', `/users/${body.id}`, { email: 'alice@example.org' })).toMatchObject({
      status: 409,
      body: { message: 'Email has already been taken' },
    })
    expect(await asRoot('PUT', `/users/${body.id}`, { username: 'alice' })).toMatchObject({ status: 409 })
    expect(await asRoot('PUT', `/users/${body.id}`, { username: 'dorothy', email: 'dora@example.org' })).toMatchObject({
      status: 200,
    })
    expect((await api.ask('PUT', `/users/${body.id}`, { token: alice.token, json: {} })).status).toBe(403)
    expect((await asRoot('PUT', '/users/99999', {})).status).toBe(404)
  })
})

describe('block, unblock, deactivate, activate', () => {
  const stateOf = async (id: number) =>
    (
      await api.store.read
        .selectFrom('users')
        .select('state')
        .where('id', '=', id as UserId)
        .executeTakeFirstOrThrow()
    ).state

  const cases: [string, string, number, unknown, string][] = [
    ['active', 'block', 201, true, 'blocked'],
    ['deactivated', 'block', 201, true, 'blocked'],
    ['blocked', 'block', 201, null, 'blocked'],
    ['blocked', 'unblock', 201, true, 'active'],
    ['active', 'unblock', 201, false, 'active'],
    [
      'deactivated',
      'unblock',
      403,
      { message: '403 Forbidden - Deactivated users cannot be unblocked by the API' },
      'deactivated',
    ],
    ['active', 'deactivate', 201, true, 'deactivated'],
    ['deactivated', 'deactivate', 201, null, 'deactivated'],
    ['blocked', 'deactivate', 403, { message: 'Error occurred. A blocked user cannot be deactivated' }, 'blocked'],
    ['deactivated', 'activate', 201, true, 'active'],
    ['active', 'activate', 201, true, 'active'],
    ['blocked', 'activate', 403, { message: 'Error occurred. A blocked user must be unblocked to be activated' }, 'blocked'],
  ]
  let next = 0
  test.each(cases)('%s: %s', async (from, verb, status, body, to) => {
    next += 1
    const id = await api.addUser(`state${next}`, { state: from as 'active' })
    expect(await asRoot('POST', `/users/${id}/${verb}`)).toMatchObject({ status, body })
    expect(await stateOf(id)).toBe(to)
  })

  test('not oneself, not by others, not of nobody', async () => {
    expect((await asRoot('POST', `/users/${api.root.id}/block`)).body).toEqual({
      message: '403 Forbidden - The API initiating user cannot be blocked by the API',
    })
    expect((await asRoot('POST', `/users/${api.root.id}/deactivate`)).body).toEqual({
      message: 'The user you are trying to deactivate has been active in the past 90 days and cannot be deactivated',
    })
    expect((await asRoot('GET', '/user')).status).toBe(200)
    expect((await api.ask('POST', `/users/${alice.id}/block`, { token: alice.token })).status).toBe(403)
    expect((await asRoot('POST', '/users/99999/block')).status).toBe(404)
  })

  test('a blocked user is out at once', async () => {
    const id = await api.addUser('out')
    const { token } = await api.addToken(id)
    expect((await api.ask('GET', '/user', { token })).status).toBe(200)
    await asRoot('POST', `/users/${id}/block`)
    expect((await api.ask('GET', '/user', { token })).status).toBe(403)
    await asRoot('POST', `/users/${id}/unblock`)
    expect((await api.ask('GET', '/user', { token })).status).toBe(200)
  })
})

describe('DELETE /users/:id', () => {
  test('takes away the account, its keys and own projects; work elsewhere becomes the Ghost User’s', async () => {
    const id = await api.addUser('leaver')
    const { token } = await api.addToken(id)
    const mine = { token }
    const key = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')}`
    expect((await api.ask('POST', '/user/keys', { ...mine, json: { title: 'k', key } })).status).toBe(201)
    const own = await api.ask<{ id: number }>('POST', '/projects', { ...mine, json: { name: 'own' } })
    const group = await asRoot<{ id: number }>('POST', '/groups', { name: 'Stay', path: 'stay' })
    await asRoot('POST', `/groups/${group.body.id}/members`, { user_id: id, access_level: 40 })
    const shared = await api.ask<{ id: number }>('POST', '/projects', {
      ...mine,
      json: { name: 'shared', namespace_id: group.body.id },
    })
    expect([own.status, shared.status]).toEqual([201, 201])

    expect((await api.ask('DELETE', `/users/${id}`, { token: alice.token })).status).toBe(403)
    expect(await asRoot('DELETE', `/users/${id}`)).toMatchObject({ status: 204, body: undefined })

    expect(await api.ask('GET', '/user', mine)).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
    expect((await asRoot('GET', `/users/${id}`)).status).toBe(404)
    expect((await asRoot('GET', `/projects/${own.body.id}`)).status).toBe(404)
    expect(api.removed).toContain(own.body.id)
    const { body } = await asRoot<{ creator_id: number }>('GET', `/projects/${shared.body.id}`)
    expect(await asRoot('GET', `/users/${body.creator_id}`)).toMatchObject({ status: 200, body: { username: 'ghost' } })
    expect(await asRoot('DELETE', `/users/${body.creator_id}`)).toMatchObject({ status: 403 })
    expect(await api.store.read.selectFrom('keys').select('id').execute()).toEqual([])
    expect((await asRoot('POST', '/users', person('leaver', { email: 'again@example.org' }))).status).toBe(201)
  })

  test('not the only owner of a group, unless hard', async () => {
    const id = await api.addUser('chief')
    const { token } = await api.addToken(id)
    const group = await api.ask<{ id: number }>('POST', '/groups', { token, json: { name: 'Chiefs', path: 'chiefs' } })
    expect(group.status).toBe(201)
    expect(await asRoot('DELETE', `/users/${id}`)).toMatchObject({
      status: 409,
      body: { message: 'User cannot be removed while is the sole-owner of a group' },
    })
    expect((await asRoot('DELETE', `/users/${id}?hard_delete=true`)).status).toBe(204)
    expect((await asRoot('GET', `/groups/${group.body.id}`)).status).toBe(404)
  })
})
