import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { today } from './api-server.ts'
import { startWorld, type Who, type World } from './world.ts'

interface Token {
  readonly id: number
  readonly token: string
  readonly user_id: number
}

let world: World
let project: string
let group: string
beforeAll(async () => {
  world = await startWorld()
  project = `/projects/${await world.project('app')}/access_tokens`
  group = `/groups/${world.group}/access_tokens`
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(token: string | undefined, method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, path, { token, ...(json !== undefined && { json }) })
const works = async (token: string) => (await ask(token, 'GET', '/personal_access_tokens/self')).status === 200
const revoked = { error_description: 'Token was revoked. You have to re-authorize from the user.' }

describe('one’s own token', () => {
  test('the new one takes its place at once', async () => {
    const { id } = world.people.developer
    const old = await world.addToken(id, { name: 'ci', scopes: ['api', 'read_user'], expires_at: '2026-12-01' })
    const made = await ask<Token>(world.token('developer'), 'POST', `/personal_access_tokens/${old.id}/rotate`)
    expect(made).toMatchObject({
      status: 200,
      body: { name: 'ci', scopes: ['api', 'read_user'], user_id: id, expires_at: '2026-03-17', revoked: false, active: true },
    })
    expect(made.body.id).not.toBe(old.id)
    expect([await works(old.token), await works(made.body.token)]).toEqual([false, true])
    const again = await ask(world.token('developer'), 'POST', `/personal_access_tokens/${old.id}/rotate`)
    expect(again).toMatchObject({ status: 400, body: { message: '400 Bad request - Token already revoked' } })
    expect(await works(made.body.token)).toBe(true)
  })

  test('with an end of choice', async () => {
    const { id } = world.people.developer
    const old = await world.addToken(id)
    const late = await ask(old.token, 'POST', '/personal_access_tokens/self/rotate', { expires_at: '2027-03-11' })
    expect(late).toMatchObject({ status: 400, body: { message: '400 Bad request - Expiration date must be before 2027-03-10' } })
    const made = await ask(old.token, 'POST', '/personal_access_tokens/self/rotate', { expires_at: '2027-03-10' })
    expect(made).toMatchObject({ status: 200, body: { expires_at: '2027-03-10' } })
  })

  const scopes: [string, number][] = [
    ['api', 200],
    ['self_rotate', 200],
    ['read_api', 403],
    ['read_repository', 403],
  ]
  test.each(scopes)('self, with scope %s: %i', async (scope, status) => {
    const { token } = await world.addToken(world.people.developer.id, { scopes: [scope] })
    const reply = await ask(token, 'POST', '/personal_access_tokens/self/rotate')
    expect(reply.status).toBe(status)
    if (status === 403) expect(reply.body).toMatchObject({ error: 'insufficient_scope', scope: 'api self_rotate' })
  })

  test('self_rotate rotates nothing else', async () => {
    const { token, id } = await world.addToken(world.people.developer.id, { scopes: ['self_rotate'] })
    expect((await ask(token, 'POST', `/personal_access_tokens/${id}/rotate`)).status).toBe(403)
  })

  test("others' tokens", async () => {
    const other = await world.addToken(world.people.guest.id)
    const acting = await world.addToken(world.people.developer.id, { impersonation: 1 })
    const by = (who: Who, id: number) => ask(world.token(who), 'POST', `/personal_access_tokens/${id}/rotate`)
    for (const id of [other.id, acting.id, 99_999]) expect((await by('developer', id)).status).toBe(401)
    expect((await by('root', 99_999)).status).toBe(404)
    expect((await by('root', other.id)).status).toBe(200)
    expect((await by('anonymous', other.id)).status).toBe(401)
  })

  test('of many at once, one succeeds', async () => {
    const old = await world.addToken(world.people.developer.id)
    const path = `/personal_access_tokens/${old.id}/rotate`
    const replies = await Promise.all(Array.from({ length: 6 }, () => ask(world.token('developer'), 'POST', path)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400])
  })
})

describe('a token that was rotated away and comes back', () => {
  const chain = async () => {
    const first = await world.addToken(world.people.reporter.id)
    const second = await ask<Token>(first.token, 'POST', '/personal_access_tokens/self/rotate')
    const third = await ask<Token>(second.body.token, 'POST', '/personal_access_tokens/self/rotate')
    return { first, second: second.body, third: third.body }
  }
  const replays: [string, (id: number) => [string, string]][] = [
    ['self/rotate', () => ['POST', '/personal_access_tokens/self/rotate']],
    ['its number', (id) => ['POST', `/personal_access_tokens/${id}/rotate`]],
    ['a project’s rotate', () => ['POST', `${project}/self/rotate`]],
  ]
  test.each(replays)('at %s: its successors end', async (_name, to) => {
    const { first, third } = await chain()
    const [method, path] = to(first.id)
    expect(await works(third.token)).toBe(true)
    expect(await ask(first.token, method, path)).toMatchObject({ status: 401, body: revoked })
    expect(await ask(third.token, 'GET', '/user')).toMatchObject({ status: 401, body: revoked })
    expect(await works(world.token('reporter') ?? '')).toBe(true)
  })

  test('elsewhere, or after its day: they stay', async () => {
    const { first, second, third } = await chain()
    expect((await ask(first.token, 'GET', '/personal_access_tokens/self')).status).toBe(401)
    expect((await ask(second.token, 'DELETE', '/personal_access_tokens/self')).status).toBe(401)
    expect(await works(third.token)).toBe(true)
    await world.store.write.updateTable('access_tokens').set({ expires_at: '2026-03-10' }).where('id', '=', first.id).execute()
    const late = await ask(first.token, 'POST', '/personal_access_tokens/self/rotate')
    expect(late.body).toMatchObject({ error_description: expect.stringContaining('expired') })
    expect(await works(third.token)).toBe(true)
  })

  test('the last of a family ends nobody', async () => {
    const { third } = await chain()
    const kept = await world.addToken(world.people.reporter.id)
    await ask(third.token, 'DELETE', '/personal_access_tokens/self')
    expect((await ask(third.token, 'POST', '/personal_access_tokens/self/rotate')).status).toBe(401)
    expect(await works(kept.token)).toBe(true)
  })
})

describe('tokens of projects and groups', () => {
  const make = async (path: string, access_level: number) =>
    (await ask<Token>(world.token('root'), 'POST', path, { name: 'bot', scopes: ['api'], access_level })).body

  test('the bot and its membership stay', async () => {
    const old = await make(project, 30)
    const made = await ask<Token>(world.token('maintainer'), 'POST', `${project}/${old.id}/rotate`)
    expect(made).toMatchObject({ status: 200, body: { user_id: old.user_id, access_level: 30, expires_at: '2026-03-17' } })
    expect([await works(old.token), await works(made.body.token)]).toEqual([false, true])
  })

  const cases: [Who, 'project' | 'group', number, number][] = [
    ['maintainer', 'project', 40, 200],
    ['maintainer', 'project', 50, 400],
    ['owner', 'project', 50, 200],
    ['root', 'project', 50, 200],
    ['developer', 'project', 30, 401],
    ['stranger', 'project', 30, 404],
    ['maintainer', 'group', 30, 401],
    ['owner', 'group', 50, 200],
  ]
  test.each(cases)('%s rotates a %s token of level %i: %i', async (who, kind, level, status) => {
    const path = kind === 'project' ? project : group
    const old = await make(path, level)
    const reply = await ask(world.token(who), 'POST', `${path}/${old.id}/rotate`)
    expect(reply.status).toBe(status)
    if (status === 400) {
      expect(reply.body).toEqual({
        message: '400 Bad request - Not eligible to rotate token with access level higher than the user',
      })
    }
    expect(await works(old.token)).toBe(status !== 200)
  })

  test('a bot renews its own, and no person’s token is one', async () => {
    const old = await make(project, 10)
    const made = await ask<Token>(old.token, 'POST', `${project}/self/rotate`)
    expect(made).toMatchObject({ status: 200, body: { user_id: old.user_id, access_level: 10 } })
    expect((await ask(made.body.token, 'POST', `${group}/self/rotate`)).status).not.toBe(200)
    expect(await ask(world.token('owner'), 'POST', `${project}/self/rotate`)).toMatchObject({
      status: 405,
      body: { message: '405 Method Not Allowed' },
    })
    expect((await ask(world.token('owner'), 'POST', `${project}/99999/rotate`)).status).toBe(401)
    expect((await ask(world.token('root'), 'POST', `${project}/99999/rotate`)).status).toBe(404)
  })
})

test('the life of a successor is counted from today', async () => {
  const old = await world.addToken(world.people.guest.id)
  world.moveClock(today + 10 * 86_400_000)
  const made = await ask(old.token, 'POST', '/personal_access_tokens/self/rotate')
  world.moveClock(today)
  expect(made.body).toMatchObject({ expires_at: '2026-03-27' })
})

test('a bot’s name is for those who see its project or group', async () => {
  const made = await ask<Token>(world.token('owner'), 'POST', project, { name: 'secret plan', scopes: ['api'] })
  const name = async (who: Who) => (await ask(world.token(who), 'GET', `/users/${made.body.user_id}`)).body['name']
  expect(await Promise.all((['guest', 'root', 'stranger'] as const).map(name))).toEqual(['secret plan', 'secret plan', '****'])
  const { body } = await ask<{ name: string }[]>(world.token('stranger'), 'GET', '/users?per_page=100')
  expect(body.map((user) => user.name)).not.toContain('secret plan')
  expect((await ask(made.body.token, 'GET', `/users/${made.body.user_id}`)).body['name']).toBe('secret plan')
})
