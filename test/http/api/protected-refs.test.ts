import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyId, ProjectId } from '../../../src/core/ids.ts'
import { mostProtectedRefs } from '../../../src/store/protected-refs.ts'
import { startWorld, type Who, type World } from './world.ts'

interface Level {
  readonly id: number
  readonly access_level: number | null
}

interface Branch {
  readonly name: string
  readonly push_access_levels: readonly Level[]
  readonly message: unknown
}

let world: World
let project: number
beforeAll(async () => {
  world = await startWorld()
  project = await world.project('tool')
})
afterAll(() => world.close())

const ask = (who: Who, method: string, path: string, json?: unknown) =>
  world.ask<Branch>(method, `/projects/${project}${path}`, { token: world.token(who), json })

const deployKey = async (canPush: 0 | 1): Promise<KeyId> => {
  const text = Math.random().toString(36)
  const { id } = await world.store.write
    .insertInto('keys')
    .values({
      kind: 'deploy',
      user_id: world.people.maintainer.id,
      title: 'Robot',
      key: text,
      fingerprint_sha256: text,
      fingerprint_md5: text,
      usage_type: 'auth_and_signing',
      public: 0,
      expires_at: null,
      created_at: '2026-01-01T00:00:00.000Z',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await world.store.write
    .insertInto('deploy_key_projects')
    .values({ key_id: id, project_id: project as ProjectId, can_push: canPush, created_at: '2026-01-01T00:00:00.000Z' })
    .execute()
  return id
}

const everyone: readonly Who[] = ['anonymous', 'stranger', 'guest', 'reporter', 'developer', 'maintainer', 'owner', 'root']

describe('protected branches', () => {
  test('Maintainers make, change and remove them; the others cannot even look', async () => {
    const got: Record<string, number[]> = {}
    for (const who of everyone) {
      const path = `/protected_branches/of-${who}`
      const made = await ask(who, 'POST', '/protected_branches', { name: `of-${who}` })
      const rest = [
        await ask(who, 'GET', path),
        await ask(who, 'PATCH', path, { allow_force_push: true }),
        await ask(who, 'DELETE', path),
      ]
      got[who] = [made, ...rest].map(({ status }) => status)
    }
    expect(got).toEqual({
      anonymous: [404, 404, 404, 404],
      stranger: [404, 404, 404, 404],
      guest: [403, 403, 403, 403],
      reporter: [403, 403, 403, 403],
      developer: [403, 403, 403, 403],
      maintainer: [201, 200, 200, 204],
      owner: [201, 200, 200, 204],
      root: [201, 200, 200, 204],
    })
  })

  test('in GitLab’s shape, with its standard levels', async () => {
    expect(await ask('maintainer', 'POST', '/protected_branches', { name: 'main' })).toMatchObject({
      status: 201,
      body: {
        name: 'main',
        push_access_levels: [
          { access_level: 40, access_level_description: 'Maintainers', deploy_key_id: null, user_id: null, group_id: null },
        ],
        merge_access_levels: [{ access_level: 40, access_level_description: 'Maintainers' }],
        unprotect_access_levels: [],
        allow_force_push: false,
        code_owner_approval_required: false,
        inherited: false,
      },
    })
    expect(await ask('maintainer', 'POST', '/protected_branches', { name: 'main' })).toMatchObject({
      status: 409,
      body: { message: "Protected branch 'main' already exists" },
    })
    expect((await ask('maintainer', 'GET', '/protected_branches/absent')).status).toBe(404)
  })

  test.each([
    [0, 'No one'],
    [30, 'Developers + Maintainers'],
    [40, 'Maintainers'],
    [60, 'Administrators'],
  ])('level %i is called %s', async (level, description) => {
    const json = { name: `level-${level}`, push_access_level: level, merge_access_level: level, allow_force_push: true }
    expect((await ask('owner', 'POST', '/protected_branches', json)).body).toMatchObject({
      push_access_levels: [{ access_level: level, access_level_description: description }],
      merge_access_levels: [{ access_level: level }],
      allow_force_push: true,
    })
  })

  test('names with slashes and stars', async () => {
    expect((await ask('owner', 'POST', '/protected_branches', { name: 'release/*' })).status).toBe(201)
    expect((await ask('owner', 'GET', '/protected_branches/release%2F%2A')).body.name).toBe('release/*')
    expect((await ask('owner', 'GET', '/protected_branches/release%2F*')).body.name).toBe('release/*')
    expect((await ask('owner', 'DELETE', '/protected_branches/release%2F*')).status).toBe(204)
    expect((await ask('owner', 'GET', '/protected_branches/release%2F*')).status).toBe(404)
  })

  test('rows for a user, a group and a deploy key, by form too', async () => {
    const key = await deployKey(1)
    const { id } = world.people.developer
    const json = {
      name: 'mixed',
      allowed_to_push: [{ user_id: id }, { group_id: world.group }, { deploy_key_id: key }],
      merge_access_level: 0,
    }
    const reply = await ask('owner', 'POST', '/protected_branches', json)
    expect(reply).toMatchObject({
      status: 201,
      body: {
        push_access_levels: [
          { access_level: null, user_id: id, access_level_description: 'Name of developer' },
          { access_level: null, group_id: world.group, access_level_description: 'Team' },
          { access_level: 40, deploy_key_id: key, access_level_description: 'Robot' },
        ],
        merge_access_levels: [{ access_level: 0 }],
      },
    })
    const form = `name=by-form&allowed_to_push[][user_id]=${id}&allowed_to_push[][user_id]=${world.people.owner.id}`
    const token = world.token('owner')
    expect(await world.ask('POST', `/projects/${project}/protected_branches`, { token, form })).toMatchObject({
      status: 201,
      body: { push_access_levels: [{ user_id: id }, { user_id: world.people.owner.id }] },
    })
  })

  test('rows name only those who have to do with the project', async () => {
    const elsewhere = await world.ask('POST', '/groups', {
      token: world.token('stranger'),
      json: { name: 'E', path: 'elsewhere' },
    })
    const cases: readonly [Record<string, unknown>, string][] = [
      [{ deploy_key_id: await deployKey(0) }, 'Deploy key is not enabled for this project'],
      [{ deploy_key_id: 99_999 }, 'Deploy key is not enabled for this project'],
      [{ user_id: world.people.stranger.id }, 'User is not a member of the project'],
      [{ group_id: elsewhere.body['id'] }, 'Group does not have access to the project'],
    ]
    for (const [row, text] of cases) {
      const reply = await ask('owner', 'POST', '/protected_branches', { name: 'strangers', allowed_to_push: [row] })
      expect(reply).toMatchObject({ status: 422, body: { message: [text] } })
    }
    expect((await ask('owner', 'GET', '/protected_branches/strangers')).status).toBe(404)
  })

  test('change: rows are added, changed by id, and destroyed', async () => {
    const made = await ask('owner', 'POST', '/protected_branches', {
      name: 'changing',
      allowed_to_push: [{ access_level: 30 }, { user_id: world.people.developer.id }],
    })
    const [role, user] = made.body.push_access_levels
    const patch = (json: unknown) => ask('owner', 'PATCH', '/protected_branches/changing', json)
    expect(
      (
        await patch({
          allowed_to_push: [{ id: role?.id, access_level: 0 }, { id: user?.id, _destroy: true }, { access_level: 60 }],
        })
      ).body,
    ).toMatchObject({
      push_access_levels: [{ id: role?.id, access_level: 0 }, { access_level: 60 }],
      merge_access_levels: [{ access_level: 40 }],
    })
    expect((await patch({ allow_force_push: true })).body).toMatchObject({ allow_force_push: true })
    expect((await patch({ allowed_to_push: [{ id: user?.id, access_level: 40 }] })).status).toBe(404)
    expect((await patch({ allowed_to_push: [{ user_id: world.people.stranger.id }] })).status).toBe(422)
    expect((await patch({ allowed_to_push: [{}] })).status).toBe(400)
  })

  test('a row of another project’s rule is out of reach', async () => {
    const other = await world.project('other')
    const foreign = await world.ask<Branch>('POST', `/projects/${other}/protected_branches`, {
      token: world.token('owner'),
      json: { name: 'main' },
    })
    const id = foreign.body.push_access_levels[0]?.id
    expect((await ask('owner', 'PATCH', '/protected_branches/main', { allowed_to_push: [{ id, access_level: 0 }] })).status).toBe(
      404,
    )
  })

  test('who may unprotect is asked where the rule says so', async () => {
    const json = { name: 'kept', allowed_to_unprotect: [{ user_id: world.people.owner.id }] }
    expect((await ask('owner', 'POST', '/protected_branches', json)).status).toBe(201)
    expect((await ask('maintainer', 'DELETE', '/protected_branches/kept')).status).toBe(403)
    expect((await ask('maintainer', 'PATCH', '/protected_branches/kept', { allow_force_push: true })).status).toBe(403)
    expect((await ask('owner', 'DELETE', '/protected_branches/kept')).status).toBe(204)
  })

  test.each([
    [{}, 'name is missing'],
    [{ name: 'x', push_access_level: 50 }, 'push_access_level does not have a valid value'],
    [
      { name: 'x', allowed_to_push: [{ access_level: 30, user_id: 1 }] },
      'access_level, user_id, group_id, deploy_key_id are mutually exclusive, exactly one must be provided',
    ],
    [{ name: 'x', allowed_to_push: 'all' }, 'allowed_to_push is invalid'],
  ])('refused: %j', async (json, error) => {
    expect(await ask('owner', 'POST', '/protected_branches', json)).toMatchObject({ status: 400, body: { error } })
  })

  test('two at once on one name end as one', async () => {
    const both = await Promise.all([1, 2, 3].map(() => ask('owner', 'POST', '/protected_branches', { name: 'racing' })))
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })
})

describe('more than a push could compare with', () => {
  const fill = (id: ProjectId, kind: 'branch' | 'tag') => {
    const row = (_: unknown, at: number) => ({ project_id: id, kind, name: `n${at}`, created_at: '2026-01-01T00:00:00.000Z' })
    const rows = Array.from({ length: mostProtectedRefs }, row)
    return world.store.write
      .insertInto('protected_refs')
      .values(rows.map((one) => ({ ...one, allow_force_push: 0 as const })))
      .execute()
  }

  test.each([
    ['branch', 'protected_branches', 'protected branches'],
    ['tag', 'protected_tags', 'protected tags'],
  ] as const)('a project has room for so many of kind %s', async (kind, path, what) => {
    const id = await world.project(`full-of-${kind}`)
    await fill(id as ProjectId, kind)
    const add = (name: string) => world.ask('POST', `/projects/${id}/${path}`, { token: world.token('owner'), json: { name } })
    const full = { status: 422, body: { message: [`Project cannot have more than 500 ${what}`] } }
    expect(await add('one-more')).toMatchObject(full)
    expect([409, 422]).toContain((await add('n7')).status)
    expect(await add('n7')).not.toMatchObject(full)
    expect((await world.ask('DELETE', `/projects/${id}/${path}/n7`, { token: world.token('owner') })).status).toBe(204)
    expect((await add('one-more')).status).toBe(201)
    expect(await add('yet-another')).toMatchObject(full)
    expect((await ask('owner', 'POST', `/${path}`, { name: 'elsewhere' })).status).toBe(201)
    expect((await ask('owner', 'DELETE', `/${path}/elsewhere`)).status).toBe(204)
  })

  test('a branch has room for so many rows, however often it is changed', async () => {
    const row = { access_level: 30 }
    const entries = { allowed_to_push: Array(100).fill(row), allowed_to_merge: Array(100).fill(row) }
    expect((await ask('owner', 'POST', '/protected_branches', { name: 'broad', ...entries })).status).toBe(201)
    const more = { allowed_to_push: Array(100).fill(row) }
    expect((await ask('owner', 'PATCH', '/protected_branches/broad', more)).status).toBe(200)
    expect(await ask('owner', 'PATCH', '/protected_branches/broad', { allowed_to_push: [row] })).toMatchObject({
      status: 422,
      body: { message: ['Access levels are too many (maximum is 300)'] },
    })
  })
})

describe('protected tags', () => {
  test('live as branches do', async () => {
    const key = await deployKey(1)
    expect(await ask('maintainer', 'POST', '/protected_tags', { name: 'v*' })).toMatchObject({
      status: 201,
      body: { name: 'v*', create_access_levels: [{ access_level: 40, access_level_description: 'Maintainers' }] },
    })
    expect(await ask('maintainer', 'POST', '/protected_tags', { name: 'v*' })).toMatchObject({
      status: 422,
      body: { message: ['Name has already been taken'] },
    })
    expect(
      await ask('maintainer', 'POST', '/protected_tags', {
        name: 'r*',
        create_access_level: 0,
        allowed_to_create: [{ deploy_key_id: key }],
      }),
    ).toMatchObject({
      status: 201,
      body: { create_access_levels: [{ access_level: 0 }, { access_level: 40, deploy_key_id: key }] },
    })
    expect(
      (await world.ask<unknown[]>('GET', `/projects/${project}/protected_tags`, { token: world.token('maintainer') })).body,
    ).toHaveLength(2)
    expect((await ask('developer', 'DELETE', '/protected_tags/v*')).status).toBe(403)
    expect((await ask('maintainer', 'DELETE', '/protected_tags/v*')).status).toBe(204)
    expect((await ask('maintainer', 'GET', '/protected_tags/v*')).status).toBe(404)
    expect((await ask('maintainer', 'GET', '/protected_branches/r*')).status).toBe(404)
  })
})
