import { expect } from 'vitest'
import type { Who } from './world.ts'

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
  ['/users/:user/personal_access_tokens', { name: ' ', scopes: ['api'] }, { message: `Name ${blank}` }],
  [
    '/users/:user/personal_access_tokens',
    { name: long, scopes: ['api'] },
    { message: { name: ['is too long (maximum is 255 characters)'] } },
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
  ['/users/me/personal_access_tokens', { name: 'x', scopes: ['api'] }, invalid('user_id')],
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
  ['/user/keys', { title: 'x', key: ':newKey', expires_at: '2026-03-10' }, { message: { key: ['has expired'] } }],
  [
    '/projects/:project/deploy_keys',
    { title: 'x', key: ':newKey', expires_at: '2020-01-01' },
    { message: { key: ['has expired'] } },
  ],
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
  ['/projects/:project/protected_branches', { name: ' ' }, { message: [`Name ${blank}`] }, 422],
  ['/projects/:project/protected_tags', { name: '' }, { message: [`Name ${blank}`] }, 422],
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
  ['/projects', { name: long }, { message: { name: ['is too long (maximum is 255 characters)'] } }],
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
  ['PUT', '/projects/:project/members/:stranger', { access_level: 30 }, { message: '404 Not found' }, 404],
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
  ['PATCH', '/projects/:project/protected_branches/none', {}, { message: '404 Not found' }, 404],
  [
    'PATCH',
    '/projects/:project/protected_branches/main',
    { allowed_to_push: [{ id: 99_999, _destroy: true }] },
    { message: '404 Not found' },
    404,
  ],
  ['DELETE', '/projects/:project/protected_branches/none', undefined, { message: '404 Not found' }, 404],
  ['DELETE', '/projects/:project/members/:user', undefined, { message: '404 Not found' }, 404],
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

/** What is refused, and how. `:words` stand for what the test has made. */
export const cases: readonly Case[] = [
  ...posts.map((row) => caseOf('POST', row)),
  ...others.map(([method, ...row]) => caseOf(method, row)),
]
