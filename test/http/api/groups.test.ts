import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const ask = (who: Who, method: string, path: string, json?: unknown) => world.ask(method, path, { token: world.token(who), json })
const everyone: readonly Who[] = ['anonymous', 'stranger', 'guest', 'reporter', 'developer', 'maintainer', 'owner', 'root']

const named = (statuses: readonly number[]) => Object.fromEntries(everyone.map((who, at) => [who, statuses[at]]))

describe('who may do what to a private group', () => {
  const table: readonly { request: [string, string, unknown?]; statuses: readonly number[] }[] = [
    { request: ['GET', '/groups/team'], statuses: [404, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['GET', '/groups/team/projects'], statuses: [404, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['GET', '/groups/team/subgroups'], statuses: [404, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['GET', '/groups/team/descendant_groups'], statuses: [404, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['GET', '/groups/team/members'], statuses: [401, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['GET', '/namespaces/team'], statuses: [401, 404, 200, 200, 200, 200, 200, 200] },
    { request: ['PUT', '/groups/team', { description: 'x' }], statuses: [401, 404, 403, 403, 403, 403, 200, 200] },
  ]
  test.each(table)('$request', async ({ request: [method, path, json], statuses }) => {
    const got: number[] = []
    for (const who of everyone) got.push((await ask(who, method, path, json)).status)
    expect(named(got)).toEqual(named(statuses))
  })

  test.each([
    ['maintainer', [401, 404, 403, 403, 403, 201, 201, 201]],
    ['owner', [401, 404, 403, 403, 403, 403, 201, 201]],
  ] as const)('making a subgroup where %s may', async (level, statuses) => {
    await ask('root', 'PUT', '/groups/team', { subgroup_creation_level: level })
    const got: number[] = []
    for (const who of everyone) {
      const json = { name: who, path: `of-${who}-by-${level}`, parent_id: world.group }
      got.push((await ask(who, 'POST', '/groups', json)).status)
    }
    expect(named(got)).toEqual(named(statuses))
  })

  test.each([
    ['developer', [401, 400, 400, 400, 201, 201, 201, 201]],
    ['maintainer', [401, 400, 400, 400, 400, 201, 201, 201]],
    ['owner', [401, 400, 400, 400, 400, 400, 201, 201]],
    ['noone', [401, 400, 400, 400, 400, 400, 400, 400]],
  ] as const)('making a project where %s may', async (level, statuses) => {
    await ask('root', 'PUT', '/groups/team', { project_creation_level: level })
    const got: number[] = []
    for (const who of everyone) {
      got.push((await ask(who, 'POST', '/projects', { path: `project-of-${who}-by-${level}`, namespace_id: world.group })).status)
    }
    expect(named(got)).toEqual(named(statuses))
    await ask('root', 'PUT', '/groups/team', { project_creation_level: 'developer' })
  })
})

describe('a new group', () => {
  test('on top: its maker is Owner', async () => {
    const reply = await ask('stranger', 'POST', '/groups', { name: 'Fresh Air', path: 'fresh-air', description: 'd' })
    expect(reply).toMatchObject({
      status: 201,
      body: {
        name: 'Fresh Air',
        path: 'fresh-air',
        full_path: 'fresh-air',
        full_name: 'Fresh Air',
        visibility: 'private',
        parent_id: null,
        web_url: 'https://git.example.org/groups/fresh-air',
        project_creation_level: 'developer',
        subgroup_creation_level: 'maintainer',
        default_branch_protection: 2,
        default_branch_protection_defaults: { allow_force_push: false, allowed_to_push: [{ access_level: 40 }] },
      },
    })
    expect((await ask('stranger', 'GET', '/groups/fresh-air/members')).body).toMatchObject([
      { id: world.people.stranger.id, access_level: 50 },
    ])
  })

  test('within another: its whole name', async () => {
    const json = { name: 'Inner', path: 'inner', parent_id: world.group, default_branch_protection: 0 }
    const reply = await ask('owner', 'POST', '/groups', json)
    expect(reply.body).toMatchObject({
      full_name: 'Team / Inner',
      full_path: 'team/inner',
      parent_id: world.group,
      default_branch_protection: 0,
    })
  })

  const refusals: readonly [string, Who, Record<string, unknown>, number, unknown][] = [
    ['nothing said', 'owner', {}, 400, { error: 'name is missing, path is missing' }],
    [
      'a word of the web',
      'owner',
      { name: 'x', path: 'admin' },
      400,
      { message: 'Failed to save group {:path=>["admin is a reserved name"]}' },
    ],
    [
      'a taken path, of a user',
      'owner',
      { name: 'x', path: 'Stranger' },
      400,
      { message: 'Failed to save group {:path=>["has already been taken"]}' },
    ],
    [
      'a parent that one cannot see',
      'stranger',
      { name: 'x', path: 'x', parent_id: 'GROUP' },
      404,
      { message: '404 Group Not Found' },
    ],
    ['a user as parent', 'owner', { name: 'x', path: 'x', parent_id: 1 }, 404, { message: '404 Group Not Found' }],
    [
      'more visible than its parent',
      'owner',
      { name: 'x', path: 'x', parent_id: 'GROUP', visibility: 'internal' },
      400,
      {
        message:
          'Failed to save group {:visibility_level=>["internal is not allowed since the parent group has a private visibility."]}',
      },
    ],
  ]
  test.each(refusals)('refused: %s', async (_title, who, fields, status, body) => {
    const json = fields['parent_id'] === 'GROUP' ? { ...fields, parent_id: world.group } : fields
    expect(await ask(who, 'POST', '/groups', json)).toMatchObject({ status, body })
  })

  test('not by those who may make none', async () => {
    const external = await world.person('outsider', { is_external: 1 })
    const barred = await world.person('barred', { can_create_group: 0 })
    for (const { token } of [external, barred]) {
      expect((await world.ask('POST', '/groups', { token, json: { name: 'x', path: 'outer' } })).status).toBe(403)
    }
  })

  test('groups stand twenty deep, and no deeper', async () => {
    let parent: unknown
    for (let depth = 1; depth <= 20; depth += 1) {
      const reply = await ask('root', 'POST', '/groups', { name: 'd', path: `d${depth}`, parent_id: parent })
      expect(reply.status).toBe(201)
      parent = reply.body['id']
    }
    expect(await ask('root', 'POST', '/groups', { name: 'd', path: 'd21', parent_id: parent })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('too deep') },
    })
  })
})

describe('a group that changes', () => {
  test('is not made narrower than what stands in it', async () => {
    const outer = await ask('owner', 'POST', '/groups', { name: 'Outer', path: 'outer-v', visibility: 'public' })
    const id = outer.body['id']
    const inner = await ask('owner', 'POST', '/groups', { name: 'Inner', path: 'inner', parent_id: id, visibility: 'public' })
    const narrow = () => ask('owner', 'PUT', `/groups/${id}`, { visibility: 'internal' })
    expect((await narrow()).body).toMatchObject({ message: { visibility_level: [expect.stringContaining('sub-groups')] } })
    await ask('owner', 'PUT', `/groups/${inner.body['id']}`, { visibility: 'private' })
    await world.project('visible', { namespace_id: id, visibility: 'public' }, 'owner')
    expect((await narrow()).body).toMatchObject({ message: { visibility_level: [expect.stringContaining('contains projects')] } })
    await ask('owner', 'PUT', '/projects/outer-v%2Fvisible', { visibility: 'private' })
    expect((await narrow()).body).toMatchObject({ visibility: 'internal' })
    expect((await ask('owner', 'PUT', `/groups/${inner.body['id']}`, { visibility: 'public' })).status).toBe(400)
  })

  test('does not take a path that is taken', async () => {
    expect(await ask('owner', 'PUT', '/groups/team', { path: 'stranger' })).toMatchObject({
      status: 400,
      body: { message: { path: ['has already been taken'] } },
    })
  })

  test('goes with all that it holds', async () => {
    const top = await ask('owner', 'POST', '/groups', { name: 'Gone', path: 'gone' })
    const sub = await ask('owner', 'POST', '/groups', { name: 'Sub', path: 'sub', parent_id: top.body['id'] })
    const projects = [
      await world.project('one', { namespace_id: top.body['id'] }, 'owner'),
      await world.project('two', { namespace_id: sub.body['id'] }, 'owner'),
    ]
    expect((await ask('stranger', 'DELETE', '/groups/gone')).status).toBe(404)
    expect(await ask('owner', 'DELETE', '/groups/gone')).toMatchObject({ status: 202, body: { message: '202 Accepted' } })
    expect(world.removed).toEqual(expect.arrayContaining(projects))
    expect((await ask('root', 'GET', '/groups/gone%2Fsub')).status).toBe(404)
    expect((await ask('root', 'GET', `/projects/${projects[1]}`)).status).toBe(404)
    expect((await ask('owner', 'POST', '/groups', { name: 'Gone', path: 'gone' })).status).toBe(201)
  })
})

describe('lists of groups', () => {
  const paths = async (who: Who, query: string): Promise<unknown[]> => {
    const reply = await world.ask<{ full_path: string }[]>('GET', `/groups?per_page=100&${query}`, { token: world.token(who) })
    return reply.body.map((row) => row.full_path)
  }

  test('an own group, an open one, and one that holds something of one', async () => {
    const open = await ask('owner', 'POST', '/groups', { name: 'Zz open', path: 'zz-open', visibility: 'public' })
    const shut = await ask('owner', 'POST', '/groups', { name: 'Zz shut', path: 'zz-shut' })
    const deep = await ask('owner', 'POST', '/groups', { name: 'Zz deep', path: 'zz-deep', parent_id: shut.body['id'] })
    expect([open.status, shut.status, deep.status]).toEqual([201, 201, 201])
    expect(await paths('anonymous', 'search=zz')).toEqual(['zz-open'])
    expect(await paths('guest', 'search=zz')).toEqual([])
    expect(await paths('guest', 'search=zz&all_available=true')).toEqual(['zz-open'])
    expect(await paths('owner', 'search=zz')).toEqual(['zz-shut/zz-deep', 'zz-open', 'zz-shut'])
    expect(await paths('owner', 'search=zz&top_level_only=true&sort=desc')).toEqual(['zz-shut', 'zz-open'])
    expect(await paths('root', 'search=zz')).toHaveLength(3)
    const id = await world.project('inside', { namespace_id: deep.body['id'] }, 'owner')
    await world.member(`/projects/${id}`, world.people.guest.id, 20)
    expect(await paths('guest', 'search=zz')).toEqual(['zz-shut/zz-deep', 'zz-shut'])
    expect(await paths('guest', 'search=zz&min_access_level=10')).toEqual([])
    expect((await ask('guest', 'GET', '/groups/zz-shut')).status).toBe(200)
    expect((await ask('guest', 'GET', '/groups/zz-shut/members')).status).toBe(403)
    expect((await ask('stranger', 'GET', '/groups/zz-shut')).status).toBe(404)
  })

  test('those below a group', async () => {
    const below = async (kind: string) =>
      (await world.ask<{ full_path: string }[]>('GET', `/groups/zz-shut/${kind}`, { token: world.token('owner') })).body.map(
        (row) => row.full_path,
      )
    await ask('owner', 'POST', '/groups', {
      name: 'Zz deepest',
      path: 'deepest',
      parent_id: (await ask('owner', 'GET', '/groups/zz-shut%2Fzz-deep')).body['id'],
    })
    expect(await below('subgroups')).toEqual(['zz-shut/zz-deep'])
    expect(await below('descendant_groups')).toEqual(['zz-shut/zz-deep', 'zz-shut/zz-deep/deepest'])
  })

  test('namespaces: the own one and those of which one is a member', async () => {
    const list = async (who: Who, query = '') =>
      (
        await world.ask<{ full_path: string; kind: string }[]>('GET', `/namespaces?per_page=100${query}`, {
          token: world.token(who),
        })
      ).body
    expect(await list('reporter', '&top_level_only=true')).toMatchObject([
      { kind: 'group', full_path: 'team' },
      { kind: 'user', full_path: 'reporter' },
    ])
    expect(await list('root', '&search=zz')).toHaveLength(4)
    expect((await ask('guest', 'GET', '/namespaces/owner')).status).toBe(404)
    expect((await ask('root', 'GET', '/namespaces/owner')).body).toMatchObject({ kind: 'user' })
  })
})
