import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKey } from './access-stage.ts'
import { startWorld, type Who, type World } from './world.ts'

let world: World
const ids: Record<string, number | string> = {}

beforeAll(async () => {
  world = await startWorld()
  const make = async (method: string, path: string, json: unknown) =>
    (await world.ask<{ id: number }>(method, path, { token: world.token('root'), json })).body.id
  ids['group'] = world.group
  ids['project'] = await world.project('bad')
  ids['other'] = await world.project('elsewhere', { namespace_id: undefined })
  const project = `/projects/${ids['project']}`
  ids['user'] = world.people.developer.id
  ids['owner'] = world.people.owner.id
  ids['stranger'] = world.people.stranger.id
  ids['token'] = await make('POST', `/users/${ids['user']}/personal_access_tokens`, { name: 't', scopes: ['api'] })
  ids['bot'] = await make('POST', `${project}/access_tokens`, { name: 'b', scopes: ['api'] })
  ids['key'] = await make('POST', `${project}/deploy_keys`, { title: 'k', key: publicKey() })
  ids['strangerKey'] = await make('POST', `/projects/${ids['other']}/deploy_keys`, { title: 'k', key: publicKey() })
  ids['deployToken'] = await make('POST', `${project}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] })
  ids['otherDeployToken'] = await make('POST', `/projects/${ids['other']}/deploy_tokens`, {
    name: 'd',
    scopes: ['read_repository'],
  })
  ids['trigger'] = await make('POST', `${project}/triggers`, { description: 'x' })
  await make('POST', `${project}/protected_branches`, { name: 'main' })
  await make('POST', `${project}/protected_tags`, { name: 'v*' })
  ids['newKey'] = publicKey()
})
afterAll(() => world.close())

/** All that is in the first database file, as one text. */
const everything = async (): Promise<string> => {
  const { read } = world.store
  const tables = await sql<{
    name: string
  }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`.execute(read)
  const rows = []
  for (const { name } of tables.rows) rows.push([name, (await sql`select * from ${sql.table(name)}`.execute(read)).rows])
  return JSON.stringify(rows)
}

const filled = (text: string): string => text.replace(/:(\w+)/g, (whole, name: string) => String(ids[name] ?? whole))

type Row = readonly [path: string, json: unknown, body: unknown, status?: number, who?: Who]

const long = 'x'.repeat(300)
const blank = "can't be blank"
const tooLate = 'must be before 2027-03-10'

const invalid = (name: string) => ({ error: `${name} is invalid` })
const noValue = (name: string) => ({ error: `${name} does not have a valid value` })
const missing = (name: string) => ({ error: `${name} is missing` })

const posts: readonly Row[] = [
  // Access tokens
  ['/users/:user/personal_access_tokens', {}, { error: 'name is missing, scopes is missing' }],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: ['root'] }, noValue('scopes')],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: [] }, { message: `Scopes ${blank}` }],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: { api: true } }, invalid('scopes')],
  [
    '/users/:user/personal_access_tokens',
    { name: 'x', scopes: ['sudo'] },
    { message: 'Scopes can only contain available scopes' },
  ],
  ['/users/:user/personal_access_tokens', { name: ['x'], scopes: ['api'] }, invalid('name')],
  ['/users/:user/personal_access_tokens', { name: ' ', scopes: ['api'] }, { error: 'name is empty' }],
  [
    '/users/:user/personal_access_tokens',
    { name: long, scopes: ['api'] },
    { error: 'name is too long (maximum is 255 characters)' },
  ],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: ['api'], expires_at: 'soon' }, invalid('expires_at')],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: ['api'], expires_at: '2026-02-30' }, invalid('expires_at')],
  ['/users/:user/personal_access_tokens', { name: 'x', scopes: ['api'], expires_at: 20261231 }, invalid('expires_at')],
  [
    '/users/:user/personal_access_tokens',
    { name: 'x', scopes: ['api'], expires_at: '2027-03-11' },
    { message: `Expiration date ${tooLate}` },
  ],
  ['/users/99999/personal_access_tokens', { name: 'x', scopes: ['api'] }, { message: '404 User Not Found' }, 404],
  ['/users/me/personal_access_tokens', { name: 'x', scopes: ['api'] }, invalid('id')],
  [
    '/users/:user/impersonation_tokens',
    { name: 'x', scopes: ['api'], expires_at: '2027-03-11' },
    { message: { expires_at: [tooLate] } },
  ],
  ['/users/:user/impersonation_tokens', { name: 'x', scopes: [] }, { message: { scopes: [blank] } }],
  ['/projects/:project/access_tokens', { name: 'x', scopes: ['api'], access_level: 45 }, noValue('access_level')],
  ['/projects/:project/access_tokens', { name: 'x', scopes: 'api' }, invalid('scopes')],
  ['/projects/:project/access_tokens', { name: 'x', scopes: ['read_user'] }, noValue('scopes')],
  [
    '/projects/:project/access_tokens',
    { name: 'x', scopes: ['api'], access_level: 50 },
    { message: '400 Bad request - Access level of the token contains permissions not held by the creating user' },
    400,
    'maintainer',
  ],
  [
    '/projects/:project/access_tokens',
    { name: 'x', scopes: ['api'], expires_at: '2027-03-11' },
    { message: `400 Bad request - Expiration date ${tooLate}` },
  ],
  [
    '/groups/:group/access_tokens',
    { name: 'x', scopes: ['api'] },
    { message: '400 Bad request - User does not have permission to create group access token' },
    400,
    'maintainer',
  ],
  [
    '/personal_access_tokens/:token/rotate',
    { expires_at: '2027-03-11' },
    { message: `400 Bad request - Expiration date ${tooLate}` },
  ],
  ['/personal_access_tokens/:token/rotate', {}, { message: '401 Unauthorized' }, 401, 'stranger'],
  ['/personal_access_tokens/x/rotate', {}, invalid('id')],
  ['/projects/:other/access_tokens/:bot/rotate', {}, { message: '404 Not Found' }, 404],
  // Deploy tokens and keys
  ['/projects/:project/deploy_tokens', { name: 'x', scopes: ['write_repository'] }, noValue('scopes')],
  ['/projects/:project/deploy_tokens', { name: 'x' }, missing('scopes')],
  ['/projects/:project/deploy_tokens', { name: 'x', scopes: ['read_repository'], expires_at: 'x' }, invalid('expires_at')],
  [
    '/projects/:project/deploy_tokens',
    { name: 'x', scopes: ['read_repository'] },
    { message: '403 Forbidden' },
    403,
    'developer',
  ],
  ['/projects/:project/deploy_keys', { title: 'x' }, missing('key')],
  ['/projects/:project/deploy_keys', { title: 'x', key: 'no key' }, { message: { key: ['is invalid'] } }],
  ['/projects/:project/deploy_keys', { title: 'x', key: 'ssh-ed25519 AAAA' }, { message: { key: ['is invalid'] } }],
  ['/projects/:project/deploy_keys', { title: 'x', key: 7 }, { message: { key: ['is invalid'] } }],
  ['/projects/:project/deploy_keys', { title: 'x', key: { a: 1 } }, invalid('key')],
  ['/projects/:project/deploy_keys', { title: long, key: ':newKey' }, expect.anything()],
  ['/projects/:project/deploy_keys', { title: 'x', key: ':newKey', can_push: 'perhaps' }, invalid('can_push')],
  ['/user/keys', { title: 'x', key: 'ssh-rsa AAAA' }, { message: { key: ['is invalid'] } }],
  ['/user/keys', { title: 'x', key: ':newKey', usage_type: 'all' }, noValue('usage_type')],
  ['/user/keys', { title: 'x', key: ':newKey', expires_at: 'never' }, invalid('expires_at')],
  // Members and invitations
  ['/projects/:project/members', { user_id: ':stranger', access_level: 50 }, { message: '403 Forbidden' }, 403, 'maintainer'],
  ['/projects/:project/members', { user_id: ':stranger', access_level: 60 }, noValue('access_level')],
  ['/projects/:project/members', { user_id: ':stranger', access_level: '30x' }, noValue('access_level')],
  ['/projects/:project/members', { user_id: { id: 1 }, access_level: 30 }, invalid('user_id')],
  ['/projects/:project/members', { user_id: -1, access_level: 30 }, invalid('user_id')],
  [
    '/projects/:project/members',
    { user_id: ':stranger', username: 'stranger', access_level: 30 },
    { error: 'user_id, username are mutually exclusive' },
  ],
  ['/groups/:group/members', { user_id: ':stranger', access_level: 10 }, { message: '403 Forbidden' }, 403, 'maintainer'],
  ['/groups/99999/members', { user_id: ':stranger', access_level: 10 }, { message: '404 Group Not Found' }, 404],
  [
    '/projects/:project/invitations',
    { email: 'a@example.net', access_level: 50 },
    { message: '403 Forbidden' },
    403,
    'maintainer',
  ],
  // Protections
  ['/projects/:project/protected_branches', {}, missing('name')],
  ['/projects/:project/protected_branches', { name: 'x', push_access_level: 35 }, noValue('push_access_level')],
  ['/projects/:project/protected_branches', { name: 'main' }, { message: "Protected branch 'main' already exists" }, 409],
  [
    '/projects/:project/protected_branches',
    { name: 'x', allowed_to_push: [{}] },
    { error: expect.stringContaining('exactly one must be provided') },
  ],
  ['/projects/:project/protected_branches', { name: 'x', allowed_to_push: 'all' }, invalid('allowed_to_push')],
  [
    '/projects/:project/protected_branches',
    { name: 'x', allowed_to_push: [{ deploy_key_id: ':strangerKey' }] },
    { message: ['Deploy key is not enabled for this project'] },
    422,
  ],
  [
    '/projects/:project/protected_branches',
    { name: 'x', allowed_to_push: [{ user_id: ':stranger' }] },
    { message: ['User is not a member of the project'] },
    422,
  ],
  ['/projects/:project/protected_branches', { name: 'x' }, { message: '403 Forbidden' }, 403, 'developer'],
  ['/projects/:project/protected_tags', { name: 'v*' }, { message: ['Name has already been taken'] }, 422],
  ['/projects/:project/protected_tags', { name: 'x', create_access_level: 'all' }, noValue('create_access_level')],
  // Projects, groups, users
  ['/projects', {}, { error: 'name, path are missing, at least one parameter must be provided' }],
  [
    '/projects',
    { path: 'bad', namespace_id: ':group' },
    { message: { name: ['has already been taken'], path: ['has already been taken'] } },
  ],
  ['/projects', { path: 'a b' }, { message: { path: [expect.stringContaining('can only include')] } }],
  ['/projects', { path: 'x', namespace_id: 99_999 }, { message: { namespace: ['is not valid'] } }],
  ['/projects', { path: 'x', visibility: 'secret' }, noValue('visibility')],
  ['/projects', { name: long }, { error: 'name is too long (maximum is 255 characters)' }],
  ['/groups', { name: 'x' }, missing('path')],
  ['/groups', { name: 'x', path: 'team' }, { message: 'Failed to save group {:path=>["has already been taken"]}' }],
  ['/groups', { name: 'x', path: 'x', default_branch_protection: 9 }, noValue('default_branch_protection')],
  [
    '/users',
    { username: 'x', name: 'x', email: 'no address', force_random_password: true },
    { message: { email: ['is invalid'] } },
  ],
  [
    '/users',
    { username: 'owner', name: 'x', email: 'x@example.net', force_random_password: true },
    { message: 'Username has already been taken' },
    409,
  ],
  [
    '/users',
    { username: 'x', name: 'x', email: 'x@example.net', password: 'short' },
    { message: { password: ['is too short (minimum is 8 characters)'] } },
  ],
  [
    '/users',
    { username: 'x', name: 'x', email: 'x@example.net', force_random_password: true },
    { message: '403 Forbidden' },
    403,
    'owner',
  ],
  // Triggers
  ['/projects/:project/triggers', {}, missing('description')],
  ['/projects/:project/triggers', { description: 'x' }, { message: '403 Forbidden' }, 403, 'developer'],
]

const others: readonly (readonly [method: string, ...Row])[] = [
  ['PUT', '/projects/:project/members/:user', {}, missing('access_level')],
  ['PUT', '/projects/:project/members/:stranger', { access_level: 30 }, { message: '404 Not Found' }, 404],
  ['PUT', '/groups/:group/members/:owner', { access_level: 30 }, { message: '403 Forbidden' }, 403, 'maintainer'],
  [
    'PUT',
    '/projects/:project',
    { visibility: 'public' },
    { message: { visibility_level: [expect.stringContaining('is not allowed')] } },
  ],
  ['PUT', '/projects/:project', { default_branch: 'a..b' }, { message: { default_branch: ['is invalid'] } }],
  ['PUT', '/groups/:group', { visibility: 'x' }, noValue('visibility')],
  ['PUT', '/projects/:project/deploy_keys/:strangerKey', { can_push: true }, expect.anything(), 404],
  ['PUT', '/projects/:other/triggers/:trigger', { description: 'x' }, { message: '404 Not found' }, 404],
  ['PATCH', '/projects/:project/protected_branches/none', {}, { message: '404 Not Found' }, 404],
  [
    'PATCH',
    '/projects/:project/protected_branches/main',
    { allowed_to_push: [{ id: 99_999, _destroy: true }] },
    { message: '404 Not Found' },
    404,
  ],
  ['DELETE', '/projects/:project/protected_branches/none', undefined, { message: '404 Not Found' }, 404],
  ['DELETE', '/projects/:project/members/:user', undefined, { message: '404 Not Found' }, 404],
  ['DELETE', '/projects/:project/members/x', undefined, invalid('user_id')],
  ['DELETE', '/personal_access_tokens/:token', undefined, { message: '400 Bad request' }, 400, 'stranger'],
  [
    'DELETE',
    '/projects/:other/access_tokens/:bot',
    undefined,
    { message: expect.stringContaining('Could not find project access token') },
    404,
  ],
  ['DELETE', '/projects/:project/deploy_keys/:strangerKey', undefined, expect.anything(), 404],
  ['DELETE', '/projects/:project/deploy_tokens/:otherDeployToken', undefined, expect.anything(), 404],
  ['DELETE', '/user/keys/99999', undefined, { message: '404 Key Not Found' }, 404],
]

interface Case {
  readonly method: string
  readonly path: string
  readonly json: unknown
  readonly body: unknown
  readonly status: number
  readonly who: Who
}

const caseOf = (method: string, [path, json, body, status = 400, who = 'root']: Row): Case => ({
  method,
  path,
  json,
  body,
  status,
  who,
})

const cases: readonly Case[] = [
  ...posts.map((row) => caseOf('POST', row)),
  ...others.map(([method, ...row]) => caseOf(method, row)),
]

describe('is told as GitLab tells it, and changes nothing', () => {
  test.each(cases)('$method $path $json', async ({ method, path, json, body, status, who }) => {
    const before = await everything()
    const sent = json === undefined ? {} : { json: JSON.parse(filled(JSON.stringify(json))) }
    const reply = await world.ask(method, filled(path), { token: world.token(who), ...sent })
    expect([reply.status, reply.body]).toEqual([status, body])
    expect(await everything()).toBe(before)
  })
})

describe('a body that cannot be read', () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const cases: readonly (readonly [string, string, string | FormData, number, unknown])[] = [
    ['JSON that is cut off', 'application/json', '{"name":', 400, { error: 'message body does not match declared format' }],
    ['JSON that is no object', 'application/json', '[1]', 400, { error: 'the body must be a JSON object' }],
    ['JSON that is a word', 'application/json', '"x"', 400, { error: 'message body does not match declared format' }],
    [
      'JSON too deep',
      'application/json',
      nested(100),
      400,
      { error: 'the request holds a NUL character or is nested too deeply' },
    ],
    ['JSON far too deep', 'application/json', nested(100_000), 400, expect.anything()],
    [
      'JSON too large',
      'application/json',
      JSON.stringify({ name: 'x'.repeat(2 ** 20) }),
      413,
      { error: 'the body is too large' },
    ],
    [
      'NUL',
      'application/json',
      '{"name":"a\\u0000b"}',
      400,
      { error: 'the request holds a NUL character or is nested too deeply' },
    ],
    ['XML', 'application/xml', '<name/>', 415, { error: "The provided content-type 'application/xml' is not supported." }],
    ['plain text', 'text/plain', 'name=x', 415, { error: "The provided content-type 'text/plain' is not supported." }],
    [
      'a form that is nested too deeply',
      'application/x-www-form-urlencoded',
      `a${'[b]'.repeat(50)}=1`,
      400,
      { error: 'parameters are nested too deeply' },
    ],
    [
      'a form with too many fields',
      'application/x-www-form-urlencoded',
      'a=1&'.repeat(2000),
      400,
      { error: 'too many parameters' },
    ],
    ['a form in parts that are none', 'multipart/form-data; boundary=x', 'nothing', 400, expect.anything()],
  ]
  test.each(cases)('%s', async (_title, type, body, status, answer) => {
    const before = await everything()
    const response = await fetch(`${world.url}/api/v4/projects`, {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': world.token('root') ?? '', 'Content-Type': type },
      body,
    })
    expect([response.status, await response.json()]).toEqual([status, answer])
    expect(await everything()).toBe(before)
  })
})
