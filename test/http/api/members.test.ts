import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number
beforeAll(async () => {
  world = await startWorld()
  project = await world.project('tool')
})
afterAll(() => world.close())

const ask = (who: Who, method: string, path: string, json?: unknown) => world.ask(method, path, { token: world.token(who), json })
const everyone: readonly Who[] = ['anonymous', 'stranger', 'guest', 'reporter', 'developer', 'maintainer', 'owner', 'root']
const named = (statuses: readonly number[]) => Object.fromEntries(everyone.map((who, at) => [who, statuses[at]]))

let count = 0
const newcomer = () => {
  count += 1
  return world.person(`newcomer${count}`)
}

describe('who may add whom', () => {
  const table: readonly [string, () => string, number, readonly number[]][] = [
    ['a Developer to a project', () => `/projects/${project}`, 30, [401, 404, 403, 403, 403, 201, 201, 201]],
    ['a Maintainer to a project', () => `/projects/${project}`, 40, [401, 404, 403, 403, 403, 201, 201, 201]],
    ['an Owner to a project', () => `/projects/${project}`, 50, [401, 404, 403, 403, 403, 403, 201, 201]],
    ['a Guest to a group', () => '/groups/team', 10, [401, 404, 403, 403, 403, 403, 201, 201]],
    ['an Owner to a group', () => '/groups/team', 50, [401, 404, 403, 403, 403, 403, 201, 201]],
  ]
  test.each(table)('%s', async (_title, place, level, statuses) => {
    const got: number[] = []
    for (const who of everyone) {
      const { id } = await newcomer()
      got.push((await ask(who, 'POST', `${place()}/members`, { user_id: id, access_level: level })).status)
    }
    expect(named(got)).toEqual(named(statuses))
  })

  test('a Maintainer neither lowers nor removes an Owner of the project', async () => {
    const { id } = await newcomer()
    await world.member(`/projects/${project}`, id, 50)
    expect((await ask('maintainer', 'PUT', `/projects/${project}/members/${id}`, { access_level: 30 })).status).toBe(403)
    expect((await ask('maintainer', 'DELETE', `/projects/${project}/members/${id}`)).status).toBe(403)
    expect((await ask('owner', 'PUT', `/projects/${project}/members/${id}`, { access_level: 30 })).status).toBe(200)
    expect((await ask('maintainer', 'PUT', `/projects/${project}/members/${id}`, { access_level: 50 })).status).toBe(403)
    expect((await ask('maintainer', 'DELETE', `/projects/${project}/members/${id}`)).status).toBe(204)
  })
})

describe('a member', () => {
  test('in GitLab’s shape', async () => {
    const { id } = await newcomer()
    const json = { user_id: id, access_level: 30, expires_at: '2026-12-31' }
    expect(await ask('owner', 'POST', `/projects/${project}/members`, json)).toMatchObject({
      status: 201,
      body: {
        id,
        username: `newcomer${count}`,
        state: 'active',
        access_level: 30,
        expires_at: '2026-12-31',
        created_at: '2026-03-10T12:00:00.000Z',
        created_by: { id: world.people.owner.id, username: 'owner' },
        membership_state: 'active',
        web_url: `https://git.example.org/newcomer${count}`,
      },
    })
    expect((await ask('owner', 'PUT', `/projects/${project}/members/${id}`, { access_level: 20 })).body).toMatchObject({
      access_level: 20,
      expires_at: '2026-12-31',
    })
    expect(
      (await ask('owner', 'PUT', `/projects/${project}/members/${id}`, { access_level: 20, expires_at: '' })).body,
    ).toMatchObject({
      expires_at: null,
    })
  })

  const refusals: readonly [string, Record<string, unknown>, number, unknown][] = [
    ['no level', { user_id: 1 }, 400, { error: 'access_level is missing' }],
    ['no user', { access_level: 30 }, 400, { error: 'user_id, username are missing, at least one parameter must be provided' }],
    ['a level that is none', { user_id: 1, access_level: 35 }, 400, { error: 'access_level does not have a valid value' }],
    ['an unknown user', { user_id: 99_999, access_level: 30 }, 404, { message: '404 User Not Found' }],
    ['a user that is no number', { user_id: 'x', access_level: 30 }, 400, { error: 'user_id is invalid' }],
    [
      'a day that has gone by',
      { user_id: 1, access_level: 30, expires_at: '2026-03-09' },
      400,
      { message: { expires_at: ['cannot be a date in the past'] } },
    ],
    ['a day that is none', { user_id: 1, access_level: 30, expires_at: '2026-02-30' }, 400, { error: 'expires_at is invalid' }],
  ]
  test.each(refusals)('refused: %s', async (_title, json, status, body) => {
    expect(await ask('root', 'POST', `/projects/${project}/members`, json)).toMatchObject({ status, body })
  })

  test('is added once, by name too, and several at once', async () => {
    const [one, two] = [await newcomer(), await newcomer()]
    const path = `/projects/${project}/members`
    expect((await ask('owner', 'POST', path, { username: `newcomer${count}`, access_level: 10 })).status).toBe(201)
    expect(await ask('owner', 'POST', path, { user_id: two.id, access_level: 30 })).toMatchObject({
      status: 409,
      body: { message: 'Member already exists' },
    })
    expect(await ask('owner', 'POST', path, { user_id: `${one.id},${two.id}`, access_level: 30 })).toMatchObject({
      status: 201,
      body: { status: 'error', message: { [two.id]: 'Member already exists' } },
    })
    expect((await ask('owner', 'GET', `${path}/${one.id}`)).body['access_level']).toBe(30)
  })

  test('has no lower role than it inherits', async () => {
    const json = { user_id: world.people.developer.id, access_level: 20 }
    expect(await ask('owner', 'POST', `/projects/${project}/members`, json)).toMatchObject({
      status: 400,
      body: { message: { access_level: ['should be greater than or equal to Developer inherited membership from group Team'] } },
    })
  })

  test('of another resource’s bot: never', async () => {
    const other = await world.project('other')
    const bot = await world.person('bot_of_other', { kind: 'project_bot', bot_project_id: other as never })
    expect(await ask('owner', 'POST', `/projects/${project}/members`, { user_id: bot.id, access_level: 10 })).toMatchObject({
      status: 400,
      body: { message: { user: ['project bots cannot be added to other groups / projects'] } },
    })
  })
})

describe('inherited members', () => {
  test('count in `all` with the highest level, and not in the direct list', async () => {
    const { id } = world.people.developer
    const all = (who: Who) => ask(who, 'GET', `/projects/${project}/members/all/${id}`)
    expect((await all('guest')).body['access_level']).toBe(30)
    expect((await ask('guest', 'GET', `/projects/${project}/members/${id}`)).status).toBe(404)
    expect((await ask('owner', 'POST', `/projects/${project}/members`, { user_id: id, access_level: 40 })).status).toBe(201)
    expect((await all('guest')).body['access_level']).toBe(40)
    const list = await world.ask<{ id: number }[]>('GET', `/projects/${project}/members/all?user_ids[]=${id}`, {
      token: world.token('guest'),
    })
    expect(list.body.map((row) => row.id)).toEqual([id])
    expect((await ask('owner', 'DELETE', `/projects/${project}/members/${id}`)).status).toBe(204)
    expect((await all('guest')).body['access_level']).toBe(30)
  })

  test('are found by a part of their name', async () => {
    const reply = await world.ask<{ username: string }[]>('GET', '/groups/team/members?query=MAINT', {
      token: world.token('guest'),
    })
    expect(reply.body.map((row) => row.username)).toEqual(['maintainer'])
    const none = await world.ask<unknown[]>('GET', '/groups/team/members?query=%25', { token: world.token('guest') })
    expect(none.body).toEqual([])
  })

  test.each(['', '/all'])('nobody but an administrator finds them by their e-mail address (members%s)', async (more) => {
    for (const who of everyone.slice(2)) {
      const path = `/groups/team/members${more}?query=Reporter@example.org`
      const { status, body } = await world.ask<{ username: string }[]>('GET', path, { token: world.token(who) })
      expect([who, status, body.map((row) => row.username)]).toEqual([who, 200, who === 'root' ? ['reporter'] : []])
    }
  })
})

describe('leaving and staying', () => {
  test('anyone may leave', async () => {
    const one = await newcomer()
    await world.member(`/projects/${project}`, one.id, 10)
    expect((await world.ask('DELETE', `/projects/${project}/members/${one.id}`, { token: one.token })).status).toBe(204)
    expect((await world.ask('GET', `/projects/${project}`, { token: one.token })).status).toBe(404)
  })

  test('the last Owner of a group stays, whoever asks', async () => {
    const one = await newcomer()
    const group = await world.ask('POST', '/groups', { token: one.token, json: { name: 'Mine', path: 'mine' } })
    const path = `/groups/${group.body['id']}/members/${one.id}`
    expect((await world.ask('DELETE', path, { token: one.token })).status).toBe(403)
    expect((await ask('root', 'DELETE', path)).status).toBe(403)
    expect((await ask('root', 'PUT', path, { access_level: 40 })).status).toBe(403)
    await world.member('/groups/mine', world.people.guest.id, 50)
    const both = await Promise.all([
      ask('root', 'DELETE', path),
      ask('root', 'DELETE', `/groups/mine/members/${world.people.guest.id}`),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 403])
  })

  test('the user of a personal namespace stays Owner there', async () => {
    const own = await ask('developer', 'POST', '/projects', { name: 'own' })
    const path = `/projects/${own.body['id']}/members/${world.people.developer.id}`
    expect((await ask('developer', 'DELETE', path)).status).toBe(403)
    expect((await ask('root', 'PUT', path, { access_level: 30 })).status).toBe(403)
  })

  test('who is removed from a group loses what it had below', async () => {
    const one = await newcomer()
    await world.member('/groups/team', one.id, 10)
    await world.member(`/projects/${project}`, one.id, 30)
    expect((await ask('owner', 'DELETE', `/groups/team/members/${one.id}`)).status).toBe(204)
    expect((await world.ask('GET', `/projects/${project}`, { token: one.token })).status).toBe(404)
    await world.member('/groups/team', one.id, 10)
    await world.member(`/projects/${project}`, one.id, 30)
    expect((await ask('owner', 'DELETE', `/groups/team/members/${one.id}?skip_subresources=true`)).status).toBe(204)
    expect((await world.ask('GET', `/projects/${project}`, { token: one.token })).status).toBe(200)
  })
})
