import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const ask = (who: Who, method: string, path: string, json?: unknown) => world.ask(method, path, { token: world.token(who), json })

describe('lists of projects', () => {
  const paths = async (who: Who, query: string): Promise<unknown[]> => {
    const reply = await world.ask<{ path_with_namespace: string }[]>('GET', `/projects?per_page=100&${query}`, {
      token: world.token(who),
    })
    return reply.body.map((row) => row.path_with_namespace)
  }

  test('hold what the caller may see, once', async () => {
    const pub = await ask('stranger', 'POST', '/projects', { name: 'listed-public', visibility: 'public' })
    await ask('stranger', 'POST', '/projects', { name: 'listed-internal', visibility: 'internal' })
    await world.project('listed-private')
    expect(pub.status).toBe(201)
    const external = await world.person('visitor', { is_external: 1 })
    expect(await paths('anonymous', 'search=listed')).toEqual(['stranger/listed-public'])
    expect((await world.ask<unknown[]>('GET', '/projects?search=listed', { token: external.token })).body).toHaveLength(1)
    expect(await paths('guest', 'search=LISTED&order_by=name&sort=asc')).toEqual([
      'stranger/listed-internal',
      'team/listed-private',
      'stranger/listed-public',
    ])
    expect(await paths('root', 'search=listed')).toHaveLength(3)
    expect(await paths('guest', 'search=listed&membership=true')).toEqual(['team/listed-private'])
    expect(await paths('guest', 'search=listed&min_access_level=20')).toEqual([])
    expect(await paths('stranger', 'search=listed&owned=true&visibility=public')).toEqual(['stranger/listed-public'])
    expect(await paths('anonymous', 'search=listed&membership=true')).toEqual([])
    expect(await paths('guest', 'search=%25')).toEqual([])
  })

  test('come in pages with totals', async () => {
    for (const path of ['p1', 'p2', 'p3', 'p4']) await world.project(path)
    const reply = await world.ask<unknown[]>('GET', '/projects?per_page=2&page=2&simple=true', { token: world.token('root') })
    expect(reply.body).toHaveLength(2)
    expect(reply.body[0]).not.toHaveProperty('permissions')
    expect(reply.headers.get('x-page')).toBe('2')
    expect(Number(reply.headers.get('x-total'))).toBeGreaterThan(4)
  })

  test('of a user and of a group', async () => {
    const ofUser = await world.ask<{ path: string }[]>('GET', '/users/stranger/projects')
    expect(ofUser.body.map((row) => row.path)).toEqual(['listed-public'])
    expect((await ask('root', 'GET', '/users/nobody/projects')).status).toBe(404)
    const sub = await ask('owner', 'POST', '/groups', { name: 'Deep', path: 'deep', parent_id: world.group })
    await world.project('deeper', { namespace_id: sub.body['id'] })
    const count = async (query: string) =>
      (await world.ask<unknown[]>('GET', `/groups/team/projects?search=deeper${query}`, { token: world.token('guest') })).body
        .length
    expect([await count(''), await count('&include_subgroups=true')]).toEqual([0, 1])
  })
})

test('a membership that has run out counts as none', async () => {
  const id = await world.project('for-a-while')
  const json = { user_id: world.people.stranger.id, access_level: 30, expires_at: '2026-03-11' }
  expect((await ask('owner', 'POST', `/projects/${id}/members`, json)).body).toMatchObject({ expires_at: '2026-03-11' })
  expect((await ask('stranger', 'GET', `/projects/${id}`)).status).toBe(200)
  world.moveClock(Date.parse('2026-03-11T00:00:00Z'))
  expect((await ask('stranger', 'GET', `/projects/${id}`)).status).toBe(404)
  expect((await world.ask<unknown[]>('GET', '/projects?search=for-a-while', { token: world.token('stranger') })).body).toEqual([])
  expect((await ask('owner', 'GET', `/projects/${id}/members/${world.people.stranger.id}`)).status).toBe(404)
  expect(
    (await ask('owner', 'POST', `/projects/${id}/members`, { user_id: world.people.stranger.id, access_level: 20 })).status,
  ).toBe(201)
})

test('a list holds exactly what can be read one by one, projects and groups', async () => {
  const external = await world.person('external', { is_external: 1 })
  const shut = await ask('owner', 'POST', '/groups', { name: 'Shut', path: 'shut' })
  const deep = await ask('owner', 'POST', '/groups', { name: 'Deep', path: 'in', parent_id: shut.body['id'] })
  await ask('owner', 'POST', '/groups', { name: 'Half', path: 'half', visibility: 'internal' })
  await ask('owner', 'POST', '/groups', { name: 'Open', path: 'open', visibility: 'public' })
  const hidden = await world.project('hidden', { namespace_id: deep.body['id'] }, 'owner')
  await world.member(`/projects/${hidden}`, external.id, 20)
  await world.member(`/projects/${hidden}`, world.people.stranger.id, 10)
  const everyone: readonly Who[] = ['anonymous', 'stranger', 'guest', 'developer', 'owner', 'root']
  for (const token of [...everyone.map((who) => world.token(who)), external.token]) {
    for (const kind of ['projects', 'groups']) {
      const every = await world.ask<{ id: number }[]>('GET', `/${kind}?per_page=100&all_available=true`, {
        token: world.token('root'),
      })
      const own = await world.ask<{ id: number }[]>('GET', `/${kind}?per_page=100&all_available=true`, { token })
      const readable: number[] = []
      for (const { id } of every.body) {
        if ((await world.ask('GET', `/${kind}/${id}`, { token })).status === 200) readable.push(id)
      }
      expect(own.body.map(({ id }) => id)).toEqual(readable)
    }
  }
})
