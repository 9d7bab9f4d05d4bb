import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applicationSettings } from '../../../src/store/settings.ts'
import { startWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const change = (json: unknown, who: 'root' | 'owner' = 'root') =>
  world.ask<Record<string, unknown>>('PUT', '/application/settings', { token: world.token(who), json })

/** Restores what a test set. */
const during = async (json: Record<string, unknown>, run: () => Promise<void>): Promise<void> => {
  const before = (await world.ask('GET', '/application/settings', { token: world.token('root') })).body
  expect((await change(json)).status).toBe(200)
  try {
    await run()
  } finally {
    await change(Object.fromEntries(Object.keys(json).map((name) => [name, before[name]])))
  }
}

const tokenOf = async (fields: Record<string, unknown> = {}) => {
  const { id } = world.people.developer
  const json = { name: 'new', scopes: ['api'], ...fields }
  return world.ask<{ id: number; token: string; expires_at: string | null; message: string }>(
    'POST',
    `/users/${id}/personal_access_tokens`,
    { token: world.token('root'), json },
  )
}

describe('who may', () => {
  test.each([
    ['GET', 'anonymous', 401],
    ['GET', 'owner', 403],
    ['GET', 'root', 200],
    ['PUT', 'anonymous', 401],
    ['PUT', 'owner', 403],
  ] as const)('%s as %s: %i', async (method, who, status) => {
    const asked = { token: world.token(who), ...(method === 'PUT' && { json: { can_create_group: false } }) }
    expect((await world.ask(method, '/application/settings', asked)).status).toBe(status)
  })
})

describe('values', () => {
  test('are shown under GitLab’s names', async () => {
    const { body } = await world.ask('GET', '/application/settings', { token: world.token('root') })
    expect(body).toMatchObject({
      default_branch_protection: 2,
      default_branch_protection_defaults: {
        allowed_to_push: [{ access_level: 40 }],
        allow_force_push: false,
        allowed_to_merge: [{ access_level: 40 }],
        developer_can_initial_push: false,
      },
      default_project_visibility: 'private',
      restricted_visibility_levels: [],
      max_personal_access_token_lifetime: null,
      personal_access_token_prefix: 'glpat-',
      enabled_git_access_protocol: null,
      default_projects_limit: 100_000,
    })
  })

  const bad: readonly [string, unknown, unknown][] = [
    ['nothing', {}, { error: expect.stringContaining('are missing, at least one parameter must be provided') }],
    ['only unknown names', { home_page_url: 'x' }, { error: expect.stringContaining('are missing') }],
    [
      'a life too long',
      { max_personal_access_token_lifetime: 366 },
      { message: { max_personal_access_token_lifetime: ['must be less than or equal to 365'] } },
    ],
    [
      'a life of nothing',
      { max_personal_access_token_lifetime: 0 },
      { message: { max_personal_access_token_lifetime: ['must be greater than 0'] } },
    ],
    [
      'a negative limit',
      { default_projects_limit: -1 },
      { message: { default_projects_limit: ['must be greater than or equal to 0'] } },
    ],
    [
      'a prefix too long',
      { personal_access_token_prefix: 'x'.repeat(21) },
      { message: { personal_access_token_prefix: ['is too long (maximum is 20 characters)'] } },
    ],
    [
      'a prefix of other letters',
      { personal_access_token_prefix: 'a b' },
      { message: { personal_access_token_prefix: [expect.stringContaining('Base64')] } },
    ],
    [
      'a preset that is none',
      { default_branch_protection: 5 },
      { error: 'default_branch_protection does not have a valid value' },
    ],
    [
      'a visibility that is none',
      { default_project_visibility: 'secret' },
      { error: 'default_project_visibility does not have a valid value' },
    ],
    [
      'a list of none',
      { restricted_visibility_levels: ['secret'] },
      { error: 'restricted_visibility_levels does not have a valid value' },
    ],
    [
      'a protocol that is none',
      { enabled_git_access_protocol: 'ftp' },
      { error: 'enabled_git_access_protocol does not have a valid value' },
    ],
    ['a flag that is none', { can_create_group: 'perhaps' }, { error: 'can_create_group is invalid' }],
    ['a number that is none', { default_projects_limit: 'many' }, { error: 'default_projects_limit is invalid' }],
    [
      'a level that is none',
      { default_branch_protection_defaults: { allowed_to_push: [{ access_level: 7 }] } },
      { error: 'default_branch_protection_defaults[allowed_to_push][0][access_level] does not have a valid value' },
    ],
    ['a branch that cannot be', { default_branch_name: 'a..b' }, { message: { default_branch_name: ['is invalid'] } }],
  ]
  test.each(bad)('%s is refused and changes nothing', async (_title, json, body) => {
    const before = (await world.ask('GET', '/application/settings', { token: world.token('root') })).body
    const reply = await change(json)
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual(body)
    expect((await world.ask('GET', '/application/settings', { token: world.token('root') })).body).toEqual(before)
  })

  test('come by form and query too', async () => {
    const reply = await world.ask('PUT', '/application/settings?default_projects_limit=7', {
      token: world.token('root'),
      form: { can_create_group: 'false', 'restricted_visibility_levels[]': 'public', enabled_git_access_protocol: 'ssh' },
    })
    expect(reply.body).toMatchObject({
      default_projects_limit: 7,
      can_create_group: false,
      restricted_visibility_levels: ['public'],
      enabled_git_access_protocol: 'ssh',
    })
    const back = {
      default_projects_limit: 100_000,
      can_create_group: true,
      restricted_visibility_levels: [],
      enabled_git_access_protocol: 'all',
    }
    expect((await change(back)).body).toMatchObject({ ...back, enabled_git_access_protocol: null })
  })
})

describe('tokens', () => {
  test('start with the prefix that is set, also with none; older ones go on', async () => {
    const old = (await tokenOf()).body
    for (const prefix of ['acme-', '']) {
      await during({ personal_access_token_prefix: prefix }, async () => {
        const { body } = await tokenOf()
        expect(body.token.startsWith(prefix)).toBe(true)
        expect(body.token.startsWith('glpat-')).toBe(false)
        for (const { token } of [body, old]) expect((await world.ask('GET', '/user', { token })).status).toBe(200)
      })
    }
  })

  test('live as long as the settings let them', async () => {
    expect((await tokenOf()).body.expires_at).toBe('2027-03-10')
    await during({ max_personal_access_token_lifetime: 30 }, async () => {
      expect((await tokenOf()).body.expires_at).toBe('2026-04-09')
      expect(await tokenOf({ expires_at: '2026-04-10' })).toMatchObject({
        status: 400,
        body: { message: 'Expiration date must be before 2026-04-09' },
      })
    })
    await during({ require_personal_access_token_expiry: false }, async () => {
      const { body } = await tokenOf()
      expect(body.expires_at).toBeNull()
      expect((await tokenOf({ expires_at: '2036-01-01' })).body.expires_at).toBe('2036-01-01')
      const rotated = await world.ask('POST', `/personal_access_tokens/${body.id}/rotate`, { token: world.token('root') })
      expect(rotated.body).toMatchObject({ expires_at: null })
    })
  })

  test('of projects follow them too', async () => {
    const project = await world.project('with-tokens')
    await during({ require_personal_access_token_expiry: false, personal_access_token_prefix: 'ours-' }, async () => {
      const json = { name: 'bot', scopes: ['api'] }
      const { body } = await world.ask('POST', `/projects/${project}/access_tokens`, { token: world.token('owner'), json })
      expect(body).toMatchObject({ expires_at: null, token: expect.stringMatching(/^ours-/) })
    })
  })
})

describe('new users', () => {
  test('are what the settings say, unless their maker says otherwise', async () => {
    const settings = { user_default_external: true, can_create_group: false, default_projects_limit: 3 }
    const user = (username: string) => ({
      username,
      name: username,
      email: `${username}@example.net`,
      force_random_password: true,
    })
    await during(settings, async () => {
      const made = await world.ask('POST', '/users', { token: world.token('root'), json: user('ext') })
      expect(made.body).toMatchObject({ external: true, can_create_group: false, projects_limit: 0 })
      const inner = await world.ask('POST', '/users', { token: world.token('root'), json: { ...user('inner'), external: false } })
      expect(inner.body).toMatchObject({ external: false, can_create_group: false, projects_limit: 3 })
    })
  })
})

describe('restricted visibilities', () => {
  const text = 'public has been restricted by your GitLab administrator'

  test('bind all but administrators', async () => {
    const project = await world.project('narrow', { visibility: 'private' }, 'owner')
    await during({ restricted_visibility_levels: ['public'] }, async () => {
      const json = { path: 'wide', visibility: 'public' }
      const token = world.token('owner')
      expect(await world.ask('POST', '/projects', { token, json })).toMatchObject({
        status: 400,
        body: { message: { visibility_level: [text] } },
      })
      expect((await world.ask('POST', '/projects', { token: world.token('root'), json })).status).toBe(201)
      expect(await world.ask('PUT', `/projects/${project}`, { token, json: { visibility: 'public' } })).toMatchObject({
        status: 400,
      })
      const group = { name: 'Wide', path: 'wide-group', visibility: 'public' }
      expect(await world.ask('POST', '/groups', { token, json: group })).toMatchObject({
        status: 400,
        body: { message: `Failed to save group {:visibility_level=>["${text}"]}` },
      })
      expect((await world.ask('GET', '/users?username=root')).status).toBe(403)
    })
    expect((await world.ask('GET', '/users?username=root')).status).toBe(200)
  })
})

describe('default protection of a group', () => {
  test('is kept in both forms', async () => {
    const json = {
      name: 'Longer',
      path: 'longer',
      default_branch_protection_defaults: {
        allowed_to_push: [{ access_level: 0 }],
        allow_force_push: true,
        developer_can_initial_push: true,
      },
    }
    const made = await world.ask<{ id: number }>('POST', '/groups', { token: world.token('root'), json })
    expect(made).toMatchObject({
      status: 201,
      body: {
        default_branch_protection_defaults: {
          allowed_to_push: [{ access_level: 0 }],
          allow_force_push: true,
          allowed_to_merge: [{ access_level: 40 }],
          developer_can_initial_push: true,
        },
      },
    })
    const preset = await world.ask('PUT', `/groups/${made.body.id}`, {
      token: world.token('root'),
      json: { default_branch_protection: 3 },
    })
    expect(preset.body).toMatchObject({
      default_branch_protection: 3,
      default_branch_protection_defaults: { allow_force_push: false },
    })
    const renamed = await world.ask('PUT', `/groups/${made.body.id}`, { token: world.token('root'), json: { name: 'Other' } })
    expect(renamed.body).toMatchObject({ name: 'Other', default_branch_protection: 3 })
  })

  test('of the instance holds where no group says otherwise', async () => {
    await during({ default_branch_protection: 1 }, async () => {
      const { body } = await world.ask('GET', `/groups/${world.group}`, { token: world.token('root') })
      expect(body).toMatchObject({ default_branch_protection: 1 })
    })
  })
})

describe('every setting', () => {
  test('is shown, and may be set to what it is', async () => {
    const shown = (await world.ask('GET', '/application/settings', { token: world.token('root') })).body
    const names = Object.keys(applicationSettings.shape)
    expect(Object.keys(shown).sort()).toEqual([...names].sort())
    for (const name of names) {
      const reply = await change({ [name]: shown[name] })
      expect([name, reply.status, reply.body[name]]).toEqual([name, 200, shown[name]])
    }
  })

  test('that changes is an audit event, with what it was', async () => {
    await during({ default_projects_limit: 12, can_create_group: false }, async () => {
      const { body } = await world.ask<{ details: Record<string, unknown> }[]>('GET', '/audit_events', {
        token: world.token('root'),
      })
      expect(
        body
          .slice(0, 2)
          .map(({ details }) => [details['change'], details['from'], details['to']])
          .sort(),
      ).toEqual([
        ['can_create_group', 'true', 'false'],
        ['default_projects_limit', '100000', '12'],
      ])
    })
  })
})
