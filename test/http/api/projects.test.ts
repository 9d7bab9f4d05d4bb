import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../../src/core/ids.ts'
import { startWorld, type Who, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const ask = (who: Who, method: string, path: string, json?: unknown) => world.ask(method, path, { token: world.token(who), json })

/** Status for each role, from anonymous to administrator. */
const everyone: readonly Who[] = ['anonymous', 'stranger', 'guest', 'reporter', 'developer', 'maintainer', 'owner', 'root']

const table: readonly { request: [string, string, unknown?]; statuses: readonly number[] }[] = [
  { request: ['GET', ''], statuses: [404, 404, 200, 200, 200, 200, 200, 200] },
  { request: ['PUT', '', { description: 'new' }], statuses: [401, 404, 403, 403, 403, 200, 200, 200] },
  { request: ['PUT', '', { visibility: 'private' }], statuses: [401, 404, 403, 403, 403, 403, 200, 200] },
  { request: ['POST', '/archive'], statuses: [401, 404, 403, 403, 403, 403, 201, 201] },
  { request: ['POST', '/unarchive'], statuses: [401, 404, 403, 403, 403, 403, 201, 201] },
  { request: ['PUT', '/transfer', { namespace: 'nowhere' }], statuses: [401, 404, 403, 403, 403, 403, 404, 404] },
  { request: ['GET', '/members'], statuses: [401, 404, 200, 200, 200, 200, 200, 200] },
  { request: ['GET', '/protected_branches'], statuses: [404, 404, 403, 403, 403, 200, 200, 200] },
  { request: ['GET', '/protected_tags'], statuses: [404, 404, 403, 403, 403, 200, 200, 200] },
]

describe('who may do what to a private project', () => {
  test.each(table)('$request', async ({ request: [method, suffix, json], statuses }) => {
    const id = await world.project(`table-${Math.random().toString(36).slice(2)}`)
    const got: number[] = []
    for (const who of everyone) got.push((await ask(who, method, `/projects/${id}${suffix}`, json)).status)
    expect(Object.fromEntries(everyone.map((who, at) => [who, got[at]]))).toEqual(
      Object.fromEntries(everyone.map((who, at) => [who, statuses[at]])),
    )
  })

  test('deleting it', async () => {
    const id = await world.project('to-delete')
    const got: Record<string, number> = {}
    for (const who of everyone.slice(0, 7)) got[who] = (await ask(who, 'DELETE', `/projects/${id}`)).status
    expect(got).toEqual({ anonymous: 401, stranger: 404, guest: 403, reporter: 403, developer: 403, maintainer: 403, owner: 202 })
    expect(world.removed).toContain(id)
    expect((await ask('root', 'GET', `/projects/${id}`)).status).toBe(404)
    expect((await ask('root', 'GET', '/projects/team%2Fto-delete')).status).toBe(404)
  })

  test('visibility is changed by Owners alone', async () => {
    await ask('root', 'PUT', '/groups/team', { visibility: 'public' })
    const id = await world.project('shown')
    expect((await ask('maintainer', 'PUT', `/projects/${id}`, { visibility: 'public' })).status).toBe(403)
    expect((await ask('anonymous', 'GET', `/projects/${id}`)).status).toBe(404)
    expect((await ask('owner', 'PUT', `/projects/${id}`, { visibility: 'internal' })).body['visibility']).toBe('internal')
    expect((await ask('anonymous', 'GET', `/projects/${id}`)).status).toBe(404)
    expect((await ask('stranger', 'GET', `/projects/${id}`)).status).toBe(200)
    expect((await ask('owner', 'PUT', `/projects/${id}`, { visibility: 'public' })).status).toBe(200)
    expect((await ask('anonymous', 'GET', `/projects/${id}`)).status).toBe(200)
    await ask('owner', 'DELETE', `/projects/${id}`)
    expect((await ask('root', 'PUT', '/groups/team', { visibility: 'private' })).status).toBe(200)
  })
})

describe('a new project', () => {
  test('in the own namespace: its shape', async () => {
    const reply = await ask('developer', 'POST', '/projects', { name: 'My Tools' })
    expect(reply).toMatchObject({
      status: 201,
      body: {
        name: 'My Tools',
        path: 'my-tools',
        path_with_namespace: 'developer/my-tools',
        visibility: 'private',
        default_branch: 'main',
        empty_repo: true,
        archived: false,
        http_url_to_repo: 'https://git.example.org/developer/my-tools.git',
        ssh_url_to_repo: 'ssh://git@127.0.0.1:2222/developer/my-tools.git',
        web_url: 'https://git.example.org/developer/my-tools',
        namespace: { kind: 'user', full_path: 'developer', parent_id: null },
        owner: { username: 'developer' },
        creator_id: world.people.developer.id,
        permissions: { project_access: { access_level: 50 }, group_access: null },
        repository_access_level: 'enabled',
      },
    })
    expect(world.made).toContain(reply.body['id'])
  })

  test('in a group: its creator is Owner, its name is the whole path', async () => {
    const reply = await ask('developer', 'POST', '/projects', { path: 'by-developer', namespace_id: world.group })
    expect(reply).toMatchObject({
      status: 201,
      body: {
        name: 'by-developer',
        name_with_namespace: 'Team / by-developer',
        permissions: { project_access: { access_level: 50 }, group_access: { access_level: 30 } },
      },
    })
    expect((await ask('developer', 'POST', `/projects/${reply.body['id']}/archive`)).status).toBe(201)
  })

  const refusals: readonly [string, Who, Record<string, unknown>, number, unknown][] = [
    ['nobody', 'anonymous', { name: 'x1' }, 401, { message: '401 Unauthorized' }],
    ['no name', 'owner', {}, 400, { error: 'name, path are missing, at least one parameter must be provided' }],
    [
      'a group that one cannot see',
      'stranger',
      { name: 'x1', namespace_id: 'GROUP' },
      400,
      { message: { namespace: ['is not valid'] } },
    ],
    [
      'a Reporter in a group',
      'reporter',
      { name: 'x1', namespace_id: 'GROUP' },
      400,
      { message: { namespace: ['is not valid'] } },
    ],
    [
      'more visible than the group',
      'owner',
      { name: 'x1', namespace_id: 'GROUP', visibility: 'public' },
      400,
      { message: { visibility_level: ['public is not allowed in a private group.'] } },
    ],
    ['a word of the web', 'owner', { path: 'new' }, 400, { message: { path: ['new is a reserved name'] } }],
    ['like a file', 'owner', { path: 'tool.git' }, 400, { message: { path: [expect.stringContaining('can only include')] } }],
    [
      'out of the tree',
      'owner',
      { path: '../x' },
      400,
      { message: { path: [expect.stringContaining('can only include')], name: [expect.any(String)] } },
    ],
    [
      'an unknown visibility',
      'owner',
      { name: 'x1', visibility: 'secret' },
      400,
      { error: 'visibility does not have a valid value' },
    ],
    ['a bad branch', 'owner', { name: 'x1', default_branch: 'a..b' }, 400, { message: { default_branch: ['is invalid'] } }],
    [
      'too long',
      'owner',
      { name: 'x1', path: 'p'.repeat(256) },
      400,
      { message: { path: ['is too long (maximum is 255 characters)'] } },
    ],
  ]
  test.each(refusals)('refused: %s', async (_title, who, fields, status, body) => {
    const json = fields['namespace_id'] === 'GROUP' ? { ...fields, namespace_id: world.group } : fields
    expect(await ask(who, 'POST', '/projects', json)).toMatchObject({ status, body })
  })

  test('one path, whatever the case, and never that of a group', async () => {
    await world.project('Twice')
    const taken = { status: 400, body: { message: { path: ['has already been taken'] } } }
    expect(await ask('owner', 'POST', '/projects', { path: 'tWICE', namespace_id: world.group })).toMatchObject(taken)
    await ask('owner', 'POST', '/groups', { name: 'Sub', path: 'sub', parent_id: world.group })
    expect(await ask('owner', 'POST', '/projects', { path: 'sub', namespace_id: world.group })).toMatchObject(taken)
  })

  test('two at once on one path end as one', async () => {
    const both = await Promise.all(
      [1, 2, 3, 4].map(() => ask('owner', 'POST', '/projects', { path: 'racing', namespace_id: world.group })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400])
  })

  test('a personal limit holds, and an external user has none', async () => {
    const one = await world.person('limited', { projects_limit: 1 })
    const make = (path: string) => world.ask('POST', '/projects', { token: one.token, json: { path } })
    expect((await make('first')).status).toBe(201)
    expect(await make('second')).toMatchObject({ status: 403, body: { message: [expect.stringContaining('limit of 1')] } })
  })

  test('for a user, by an administrator alone', async () => {
    const { id } = world.people.guest
    expect((await ask('owner', 'POST', `/projects/user/${id}`, { name: 'gift' })).status).toBe(403)
    expect((await ask('root', 'POST', '/projects/user/99999', { name: 'gift' })).status).toBe(404)
    expect(await ask('root', 'POST', `/projects/user/${id}`, { name: 'gift' })).toMatchObject({
      status: 201,
      body: { path_with_namespace: 'guest/gift', creator_id: id },
    })
  })
})

describe('a project that moves', () => {
  test('answers on its old path by its number, to those who see it', async () => {
    const id = await world.project('before')
    expect((await ask('maintainer', 'PUT', `/projects/${id}`, { path: 'after' })).body['path_with_namespace']).toBe('team/after')
    const old = await ask('guest', 'GET', '/projects/team%2Fbefore/members?per_page=5&private_token=')
    expect(old.status).toBe(301)
    expect(old.headers.get('location')).toBe(`https://git.example.org/api/v4/projects/${id}/members?per_page=5`)
    expect(await ask('owner', 'PUT', '/projects/team%2Fbefore', { description: 'x' })).toMatchObject({
      status: 405,
      body: { message: 'Non GET methods are not allowed for moved projects' },
    })
    expect((await ask('stranger', 'GET', '/projects/team%2Fbefore')).status).toBe(404)
    expect((await ask('anonymous', 'GET', '/projects/team%2Fbefore')).status).toBe(404)
  })

  test('gives its old path to what is made there', async () => {
    const id = await world.project('first-here')
    await ask('owner', 'PUT', `/projects/${id}`, { path: 'moved-away' })
    const next = await world.project('first-here')
    expect((await ask('owner', 'GET', '/projects/team%2Ffirst-here')).body['id']).toBe(next)
    await ask('owner', 'DELETE', `/projects/${next}`)
    expect((await ask('owner', 'GET', '/projects/team%2Ffirst-here')).status).toBe(404)
  })

  test('moves with its group', async () => {
    const group = await ask('owner', 'POST', '/groups', { name: 'Old home', path: 'old-home', parent_id: world.group })
    const id = await world.project('lodger', { namespace_id: group.body['id'] })
    expect((await ask('owner', 'PUT', `/groups/${group.body['id']}`, { path: 'new-home' })).body['full_path']).toBe(
      'team/new-home',
    )
    expect((await ask('owner', 'GET', '/projects/team%2Fnew-home%2Flodger')).body['id']).toBe(id)
    expect((await ask('owner', 'GET', '/projects/team%2Fold-home%2Flodger')).status).toBe(301)
    expect((await ask('owner', 'GET', '/groups/team%2Fold-home')).status).toBe(404)
  })

  test('into another namespace', async () => {
    const id = await world.project('nomad')
    const own = await ask('owner', 'GET', '/namespaces/owner')
    expect(await ask('owner', 'PUT', `/projects/${id}/transfer`, { namespace: own.body['id'] })).toMatchObject({
      status: 200,
      body: { path_with_namespace: 'owner/nomad' },
    })
    expect((await ask('owner', 'GET', '/projects/team%2Fnomad')).status).toBe(301)
    expect((await ask('maintainer', 'GET', `/projects/${id}`)).status).toBe(404)
    expect(await ask('owner', 'PUT', `/projects/${id}/transfer`, { namespace: 'owner' })).toMatchObject({
      status: 400,
      body: { message: 'Failed to transfer project {:new_namespace=>["Project is already in this namespace."]}' },
    })
    expect(await ask('owner', 'PUT', `/projects/${id}/transfer`, { namespace: 'stranger' })).toMatchObject({
      status: 404,
      body: { message: '404 Namespace Not Found' },
    })
    await world.project('nomad')
    expect((await ask('owner', 'PUT', `/projects/${id}/transfer`, { namespace: 'team' })).body['message']).toContain(
      'already exists',
    )
  })

  test.each([
    ['developer', 400],
    ['maintainer', 200],
  ] as const)('into a group by its %s → %i', async (who, status) => {
    const { body } = await ask(who, 'POST', '/projects', { name: `luggage-of-${who}` })
    expect((await ask(who, 'PUT', `/projects/${body['id']}/transfer`, { namespace: world.group })).status).toBe(status)
  })

  test('becomes as little visible as the group it enters', async () => {
    const open = await ask('owner', 'POST', '/projects', { name: 'open', visibility: 'public' })
    expect(await ask('owner', 'PUT', `/projects/${open.body['id']}/transfer`, { namespace: world.group })).toMatchObject({
      status: 200,
      body: { visibility: 'private', path_with_namespace: 'team/open' },
    })
    expect((await ask('stranger', 'GET', `/projects/${open.body['id']}`)).status).toBe(404)
  })
})

describe('the default branch', () => {
  test.each(['a..b', '-x', 'HEAD', 'a b', 'a~1', 'x.lock', '/x', 'x/', 'a\u202eb', 'a\u2028b', 'a\tb'])(
    'cannot be %j',
    async (default_branch) => {
      const json = { path: 'badly-branched', default_branch }
      expect(await ask('owner', 'POST', '/projects', json)).toMatchObject({
        status: 400,
        body: { message: { default_branch: ['is invalid'] } },
      })
    },
  )

  test('must be there, and HEAD follows', async () => {
    const id = (await world.project('branches')) as ProjectId
    await world.store.write.updateTable('projects').set({ default_branch: 'main' }).where('id', '=', id).execute()
    world.refs.set(
      id,
      new Map([
        ['refs/heads/main', '1'.repeat(40)],
        ['refs/heads/next', '2'.repeat(40)],
      ]),
    )
    expect(await ask('maintainer', 'PUT', `/projects/${id}`, { default_branch: 'absent' })).toMatchObject({
      status: 400,
      body: { message: { base: ["Could not change HEAD: branch 'absent' does not exist"] } },
    })
    expect(world.heads.has(id)).toBe(false)
    expect((await ask('maintainer', 'PUT', `/projects/${id}`, { default_branch: 'next' })).body).toMatchObject({
      default_branch: 'next',
      empty_repo: false,
    })
    expect(world.heads.get(id)).toBe('next')
  })

  test('of an empty repository is the one to come', async () => {
    const id = (await world.project('hollow', { default_branch: 'trunk' })) as ProjectId
    expect((await ask('owner', 'GET', `/projects/${id}`)).body['default_branch']).toBe('trunk')
    expect((await ask('owner', 'PUT', `/projects/${id}`, { default_branch: 'stem' })).body).toMatchObject({
      default_branch: 'stem',
      empty_repo: true,
    })
    expect(world.heads.get(id)).toBe('stem')
  })

  test('is not told to those who may not read code', async () => {
    const id = await world.project('secret-branch')
    expect((await ask('guest', 'GET', `/projects/${id}`)).body).not.toHaveProperty('default_branch')
    expect((await ask('reporter', 'GET', `/projects/${id}`)).body).toHaveProperty('default_branch', 'main')
  })
})
