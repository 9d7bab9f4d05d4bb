import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi } from './api-server.ts'
import { startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

describe('POST /user/personal_access_tokens', () => {
  const path = '/user/personal_access_tokens'
  const make = (json: object, token = world.token('guest')) => world.ask<{ token: string }>('POST', path, { token, json })

  test('makes a harmless token for the caller, until the end of the day', async () => {
    const made = await make({ name: 'k', scopes: ['k8s_proxy', 'self_rotate'], description: 'for today' })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'k',
        scopes: ['k8s_proxy', 'self_rotate'],
        description: 'for today',
        user_id: world.people.guest.id,
        expires_at: '2026-03-11',
        active: true,
      },
    })
    expect((await world.ask('GET', '/user', { token: made.body.token })).status).toBe(403)
    expect((await world.ask('GET', '/personal_access_tokens/self', { token: made.body.token })).status).toBe(200)
    expect((await world.ask('POST', '/personal_access_tokens/self/rotate', { token: made.body.token })).status).toBe(200)
  })

  const cases: [string, object, number, object][] = [
    ['one scope', { name: 'k', scopes: ['self_rotate'] }, 201, {}],
    ['a text with commas', { name: 'k', scopes: 'k8s_proxy,self_rotate' }, 201, { scopes: ['k8s_proxy', 'self_rotate'] }],
    ['a day', { name: 'k', scopes: ['k8s_proxy'], expires_at: '2026-12-24' }, 201, { expires_at: '2026-12-24' }],
    ['nothing', {}, 400, { error: 'name is missing, scopes is missing' }],
    ['any other scope', { name: 'k', scopes: ['k8s_proxy', 'api'] }, 400, { error: 'scopes does not have a valid value' }],
    ['no scope', { name: 'k', scopes: [] }, 400, { message: "Scopes can't be blank" }],
    [
      'a day too late',
      { name: 'k', scopes: ['k8s_proxy'], expires_at: '2027-03-11' },
      400,
      { message: 'Expiration date must be before 2027-03-10' },
    ],
  ]
  test.each(cases)('with %s', async (_name, json, status, body) => {
    expect(await make(json)).toMatchObject({ status, body })
  })

  test('is for those who are signed in, with scope api', async () => {
    const json = { name: 'k', scopes: ['k8s_proxy'] }
    expect((await world.ask('POST', path, { json })).status).toBe(401)
    for (const scope of ['read_api', 'self_rotate', 'k8s_proxy']) {
      const { token } = await world.addToken(world.people.guest.id, { scopes: [scope] })
      expect((await make(json, token)).status).toBe(403)
    }
  })
})

interface Associations {
  readonly groups: readonly { readonly id: number; readonly name: string; readonly access_levels: number | null }[]
  readonly projects: readonly { readonly path: string; readonly access_levels: object }[]
}

describe('GET /personal_access_tokens/self/associations', () => {
  const path = '/personal_access_tokens/self/associations'

  beforeAll(async () => {
    await world.project('app', { description: 'the app' })
    const root = world.token('root')
    await world.ask('POST', '/groups', { token: root, json: { name: 'Open', path: 'open', visibility: 'public' } })
    const id = await world.project('mixed')
    await world.member(`/projects/${id}`, world.people.reporter.id, 40)
  })

  test('lists what the user of the token may see, with its levels', async () => {
    const { status, body, headers } = await world.ask<Associations>('GET', path, { token: world.token('reporter') })
    expect(status).toBe(200)
    expect(headers.get('x-page')).toBe('1')
    expect(body.groups).toEqual([
      {
        id: expect.any(Number),
        web_url: 'https://git.example.org/groups/open',
        name: 'Open',
        parent_id: null,
        organization_id: 1,
        access_levels: null,
        visibility: 'public',
      },
      {
        id: world.group,
        web_url: 'https://git.example.org/groups/team',
        name: 'Team',
        parent_id: null,
        organization_id: 1,
        access_levels: 20,
        visibility: 'private',
      },
    ])
    expect(body.projects).toMatchObject([
      { path: 'mixed', access_levels: { project_access_level: 40, group_access_level: 20 } },
      {
        path: 'app',
        description: 'the app',
        name_with_namespace: 'Team / app',
        path_with_namespace: 'team/app',
        access_levels: { project_access_level: null, group_access_level: 20 },
        visibility: 'private',
        web_url: 'https://git.example.org/team/app',
        namespace: { id: world.group, full_path: 'team', kind: 'group' },
      },
    ])
  })

  test('is narrowed by a level', async () => {
    const at = (level: number) =>
      world.ask<Associations>('GET', `${path}?min_access_level=${level}`, { token: world.token('reporter') })
    const reporter = await at(20)
    expect(reporter.body.groups.map(({ name }) => name)).toEqual(['Team'])
    const maintainer = await at(40)
    expect(maintainer.body.groups).toEqual([])
    expect(maintainer.body.projects.map((project) => project.path)).toEqual(['mixed'])
    expect(await at(33)).toMatchObject({ status: 400, body: { error: 'min_access_level does not have a valid value' } })
  })

  test('is paged, both lists alike', async () => {
    const page = (number: number) =>
      world.ask<Associations>('GET', `${path}?per_page=1&page=${number}`, { token: world.token('reporter') })
    expect(await page(2)).toMatchObject({ body: { groups: [{ name: 'Team' }], projects: [{ path: 'app' }] } })
    expect((await page(2)).headers.get('x-total')).toBe('2')
    expect(await page(3)).toMatchObject({ body: { groups: [], projects: [] } })
  })

  test('takes any scope, and no stranger', async () => {
    for (const scope of ['read_user', 'self_rotate', 'read_repository']) {
      const { token } = await world.addToken(world.people.stranger.id, { scopes: [scope] })
      const { status, body } = await world.ask<Associations>('GET', path, { token })
      expect([status, body.projects]).toEqual([200, []])
    }
    expect((await world.ask('GET', path)).status).toBe(401)
  })
})

describe('what is presented, and does not count', () => {
  test('a job token is nobody, wherever it stands', async () => {
    const job = 'glcbt-64_abcdefghijklmnopqrst'
    const carriers: [string, Record<string, string>][] = [
      ['', { 'PRIVATE-TOKEN': job }],
      ['', { Authorization: `Bearer ${job}` }],
      ['', { 'JOB-TOKEN': job }],
      [`?private_token=${job}`, {}],
      [`?job_token=${job}`, {}],
    ]
    for (const [query, headers] of carriers) {
      expect((await world.ask('GET', `/projects${query}`, { headers })).status).toBe(200)
      expect(await world.ask('GET', `/user${query}`, { headers })).toMatchObject({
        status: 401,
        body: { message: '401 Unauthorized' },
      })
    }
    expect((await world.ask('GET', '/projects', { headers: { 'PRIVATE-TOKEN': 'glpat-unknown' } })).status).toBe(401)
  })

  test('Basic is not looked at, good or bad', async () => {
    const basic = (secret: string | undefined) => ({ Authorization: `Basic ${btoa(`owner:${secret}`)}` })
    for (const secret of [world.token('owner'), 'wrong']) {
      expect((await world.ask('GET', '/user', { headers: basic(secret) })).status).toBe(401)
      expect((await world.ask('GET', '/projects', { headers: basic(secret) })).status).toBe(200)
    }
    const token = world.token('owner')
    expect((await world.ask('GET', '/user', { token, headers: basic('wrong') })).status).toBe(200)
  })
})

describe('scopes of the registry', () => {
  const places = (guest: number, project: number): [string, number][] => [
    [`/users/${guest}/personal_access_tokens`, 400],
    [`/users/${guest}/impersonation_tokens`, 400],
    [`/projects/${project}/access_tokens`, 400],
  ]

  test('are offered only while there is one; those of what we have not, never', async () => {
    const project = await world.project('registry')
    for (const [path] of places(world.people.guest.id, project)) {
      for (const scope of ['read_registry', 'write_registry', 'read_virtual_registry', 'write_virtual_registry']) {
        const answer = await world.ask('POST', path, {
          token: world.token('root'),
          json: { name: 't', scopes: ['read_api', scope] },
        })
        expect([path, scope, answer.status, answer.body]).toEqual([
          path,
          scope,
          400,
          { error: 'scopes does not have a valid value' },
        ])
      }
    }
    const withRegistry = await startApi({ SALLYPORT_REGISTRY: '127.0.0.1:5000' })
    const guest = await withRegistry.addUser('guest')
    const made = await withRegistry.ask<{ id: number }>('POST', '/projects', {
      token: withRegistry.root.token,
      json: { path: 'registry' },
    })
    for (const [path] of places(guest, made.body.id)) {
      const ask = (scope: string) =>
        withRegistry.ask('POST', path, { token: withRegistry.root.token, json: { name: 't', scopes: [scope] } })
      expect((await ask('read_registry')).status).toBe(201)
      expect((await ask('write_registry')).status).toBe(201)
      expect((await ask('read_virtual_registry')).status).toBe(400)
    }
    await withRegistry.close()
  })

  test('a token that has no other from before is taken nowhere', async () => {
    const { token } = await world.addToken(world.people.guest.id, { scopes: ['read_registry', 'read_virtual_registry'] })
    expect((await world.ask('GET', '/personal_access_tokens/self', { token })).status).toBe(403)
  })
})

describe('scope read_user', () => {
  test('reads what stands below /users, for administrators impersonation tokens too', async () => {
    const { token } = await world.addToken(world.people.root.id, { scopes: ['read_user'] })
    const { id } = world.people.guest
    for (const path of [
      '/user',
      '/users',
      `/users/${id}`,
      '/user/keys',
      `/users/${id}/keys`,
      `/users/${id}/impersonation_tokens`,
    ])
      expect([path, (await world.ask('GET', path, { token })).status]).toEqual([path, 200])
    for (const path of ['/projects', '/groups', '/keys', '/personal_access_tokens', '/service_accounts'])
      expect([path, (await world.ask('GET', path, { token })).status]).toEqual([path, 403])
    const json = { name: 't', scopes: ['api'] }
    expect((await world.ask('POST', `/users/${id}/impersonation_tokens`, { token, json })).status).toBe(403)
  })
})
