import type { Request } from './access-stage.ts'

/**
 * What is asked, and how each caller is answered. `:words` stand for things that are there (`access-stage.ts`); `:absent`
 * is the number of nothing. A cell with a stroke tells the private place from the public one: `404/403`.
 *
 * Columns: nobody (no credential), a stranger, the bot of a project elsewhere; members of the group by role; the
 * administrator; the project's bot (Maintainer), the group's bot (Owner), a service account (Developer); the Owner with
 * scope `read_api`, the Owner with scope `read_user`, and an Owner who is blocked.
 *
 * Sources: gitlab `spec/requests/api/*_spec.rb` and `lib/api/*.rb` of the same names.
 */
export interface Row {
  readonly ask: string
  readonly json?: Request['json']
  readonly cells: string
}

const row = (ask: string, cells: string, json?: Request['json']): Row => ({ ask, cells, ...(json && { json }) })

const token = { name: 't', scopes: ['api'], access_level: 30 }
const keyJson = { title: 'k', key: ':publicKey' }

// biome-ignore format: a table
export const tables: Readonly<Record<string, readonly Row[]>> = {
  'access tokens of a project': [
    //                                                          nobody  stranger otherBot | guest planner reporter developer maintainer owner admin | bot groupBot service | reads scope blocked
    row('GET /projects/:project/access_tokens',                 '401 404/401 404/401 | 401 401 401 401 200 200 200 | 200 200 401 | 200 403 403'),
    row('GET /projects/:project/access_tokens/:projectToken',   '401 404/401 404/401 | 401 401 401 401 200 200 200 | 200 200 401 | 200 403 403'),
    row('GET /projects/:project/access_tokens/:otherToken',     '401 404/401 404/401 | 401 401 401 401 404 404 404 | 404 404 401 | 404 403 403'),
    row('GET /projects/:project/access_tokens/:absent',         '401 404/401 404/401 | 401 401 401 401 404 404 404 | 404 404 401 | 404 403 403'),
    row('GET /projects/:absent/access_tokens',                  '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('POST /projects/:project/access_tokens',                '401 404/400 404/400 | 400 400 400 400 201 201 201 | 400 400 400 | 403 403 403', token),
    row('POST /projects/:project/access_tokens',                '401 404/400 404/400 | 400 400 400 400 400 201 201 | 400 400 400 | 403 403 403', { ...token, access_level: 50 }),
    row('POST /projects/:absent/access_tokens',                 '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403', token),
    row('POST /projects/:project/access_tokens/:projectToken/rotate', '401 404/401 404/401 | 401 401 401 401 200 200 200 | 200 200 401 | 403 403 403'),
    row('POST /projects/:project/access_tokens/:ownerToken/rotate', '401 404/401 404/401 | 401 401 401 401 400 200 200 | 400 200 401 | 403 403 403'),
    row('POST /projects/:project/access_tokens/:otherToken/rotate', '401 404/401 404/401 | 401 401 401 401 401 401 404 | 401 401 401 | 403 403 403'),
    row('POST /projects/:project/access_tokens/:absent/rotate', '401 404/401 404/401 | 401 401 401 401 401 401 404 | 401 401 401 | 403 403 403'),
    row('DELETE /projects/:project/access_tokens/:projectToken', '401 404/400 404/400 | 400 400 400 400 204 204 204 | 204 204 400 | 403 403 403'),
    row('DELETE /projects/:project/access_tokens/:otherToken',  '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
    row('DELETE /projects/:project/access_tokens/:absent',      '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
  ],
  'access tokens of a group': [
    row('GET /groups/:group/access_tokens',                     '401 404/401 404/401 | 401 401 401 401 401 200 200 | 401 200 401 | 200 403 403'),
    row('GET /groups/:group/access_tokens/:groupToken',         '401 404/401 404/401 | 401 401 401 401 401 200 200 | 401 200 401 | 200 403 403'),
    row('GET /groups/:group/access_tokens/:projectToken',       '401 404/401 404/401 | 401 401 401 401 401 404 404 | 401 404 401 | 404 403 403'),
    row('GET /groups/:group/access_tokens/:absent',             '401 404/401 404/401 | 401 401 401 401 401 404 404 | 401 404 401 | 404 403 403'),
    row('GET /groups/:absent/access_tokens',                    '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('POST /groups/:group/access_tokens',                    '401 404/400 404/400 | 400 400 400 400 400 201 201 | 400 400 400 | 403 403 403', token),
    row('POST /groups/:group/access_tokens/:groupToken/rotate', '401 404/401 404/401 | 401 401 401 401 401 200 200 | 401 200 401 | 403 403 403'),
    row('POST /groups/:group/access_tokens/:projectToken/rotate', '401 404/401 404/401 | 401 401 401 401 401 401 404 | 401 401 401 | 403 403 403'),
    row('POST /groups/:group/access_tokens/:absent/rotate',     '401 404/401 404/401 | 401 401 401 401 401 401 404 | 401 401 401 | 403 403 403'),
    row('DELETE /groups/:group/access_tokens/:groupToken',      '401 404/400 404/400 | 400 400 400 400 400 204 204 | 400 204 400 | 403 403 403'),
    row('DELETE /groups/:group/access_tokens/:absent',          '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
  ],
  'personal access tokens': [
    row('GET /personal_access_tokens',                          '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /personal_access_tokens?user_id=:me',              '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /personal_access_tokens?user_id=:user',            '401 401 401         | 401 401 401 401 401 401 200 | 401 401 401 | 401 403 403'),
    row('GET /personal_access_tokens?user_id=:absent',          '401 401 401         | 401 401 401 401 401 401 404 | 401 401 401 | 401 403 403'),
    row('GET /personal_access_tokens/self',                     '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /personal_access_tokens/:mine',                    '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /personal_access_tokens/:mineImpersonated',        '401 401 401         | 401 401 401 401 401 401 200 | 401 401 401 | 401 403 403'),
    row('GET /personal_access_tokens/:theirs',                  '401 401 401         | 401 401 401 401 401 401 200 | 401 401 401 | 401 403 403'),
    row('GET /personal_access_tokens/:absent',                  '401 401 401         | 401 401 401 401 401 401 404 | 401 401 401 | 401 403 403'),
    row('POST /personal_access_tokens/:mine/rotate',            '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 403 403 403'),
    row('POST /personal_access_tokens/:mineImpersonated/rotate', '401 401 401        | 401 401 401 401 401 401 200 | 401 401 401 | 403 403 403'),
    row('POST /personal_access_tokens/:theirs/rotate',          '401 401 401         | 401 401 401 401 401 401 200 | 401 401 401 | 403 403 403'),
    row('POST /personal_access_tokens/:absent/rotate',          '401 401 401         | 401 401 401 401 401 401 404 | 401 401 401 | 403 403 403'),
    row('DELETE /personal_access_tokens/:mine',                 '401 204 204         | 204 204 204 204 204 204 204 | 204 204 204 | 403 403 403'),
    row('DELETE /personal_access_tokens/:mineImpersonated',     '401 400 400         | 400 400 400 400 400 400 204 | 400 400 400 | 403 403 403'),
    row('DELETE /personal_access_tokens/:theirs',               '401 400 400         | 400 400 400 400 400 400 204 | 400 400 400 | 403 403 403'),
    row('DELETE /personal_access_tokens/:absent',               '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
    row('POST /users/:user/personal_access_tokens',             '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', { name: 't', scopes: ['api'] }),
    row('POST /users/:me/personal_access_tokens',               '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', { name: 't', scopes: ['api'] }),
    row('POST /users/:absent/personal_access_tokens',           '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403', { name: 't', scopes: ['api'] }),
  ],
  'impersonation tokens': [
    row('GET /users/:strangerId/impersonation_tokens',          '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('GET /users/:absent/impersonation_tokens',              '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
    row('POST /users/:strangerId/impersonation_tokens',         '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', { name: 't', scopes: ['api'] }),
    row('GET /users/:strangerId/impersonation_tokens/:impersonated', '401 403 403    | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('GET /users/:user/impersonation_tokens/:impersonated',  '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
    row('GET /users/:strangerId/impersonation_tokens/:absent',  '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
    row('DELETE /users/:strangerId/impersonation_tokens/:impersonated', '401 403 403 | 403 403 403 403 403 403 204 | 403 403 403 | 403 403 403'),
    row('DELETE /users/:strangerId/impersonation_tokens/:theirs', '401 403 403       | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
  ],
  'deploy tokens': [
    row('GET /deploy_tokens',                                   '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('GET /projects/:project/deploy_tokens',                 '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/deploy_tokens/:deployToken',    '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/deploy_tokens/:otherDeployToken', '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('GET /projects/:project/deploy_tokens/:groupDeployToken', '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('GET /projects/:project/deploy_tokens/:absent',         '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('POST /projects/:project/deploy_tokens',                '404/403 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', { name: 'd', scopes: ['read_repository'] }),
    row('DELETE /projects/:project/deploy_tokens/:deployToken', '404/403 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/deploy_tokens/:otherDeployToken', '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403'),
    row('GET /groups/:group/deploy_tokens',                     '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 403 200 403 | 200 403 403'),
    row('GET /groups/:group/deploy_tokens/:groupDeployToken',   '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 403 200 403 | 200 403 403'),
    row('GET /groups/:group/deploy_tokens/:deployToken',        '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 403 404 403 | 404 403 403'),
    row('POST /groups/:group/deploy_tokens',                    '404/403 404/403 404/403 | 403 403 403 403 403 201 201 | 403 201 403 | 403 403 403', { name: 'd', scopes: ['read_repository'] }),
    row('DELETE /groups/:group/deploy_tokens/:groupDeployToken', '404/403 404/403 404/403 | 403 403 403 403 403 204 204 | 403 204 403 | 403 403 403'),
    row('DELETE /groups/:group/deploy_tokens/:absent',          '404/403 404/403 404/403 | 403 403 403 403 403 404 404 | 403 404 403 | 403 403 403'),
  ],
  'deploy keys': [
    row('GET /deploy_keys',                                     '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('POST /deploy_keys',                                    '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', keyJson),
    row('GET /projects/:project/deploy_keys',                   '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/deploy_keys/:deployKey',        '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/deploy_keys/:otherDeployKey',   '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('GET /projects/:project/deploy_keys/:absent',           '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('POST /projects/:project/deploy_keys',                  '401 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', keyJson),
    row('PUT /projects/:project/deploy_keys/:deployKey',        '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 403 403 403', { can_push: true }),
    row('PUT /projects/:project/deploy_keys/:otherDeployKey',   '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { can_push: true }),
    row('POST /projects/:project/deploy_keys/:offeredKey/enable', '401 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403'),
    row('POST /projects/:project/deploy_keys/:otherDeployKey/enable', '401 404/403 404/403 | 403 403 403 403 404 404 201 | 404 404 403 | 403 403 403'),
    row('POST /projects/:project/deploy_keys/:absent/enable',   '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403'),
    row('DELETE /projects/:project/deploy_keys/:deployKey',     '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/deploy_keys/:otherDeployKey', '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403'),
  ],
  'members': [
    row('GET /projects/:project/members',                       '401 404/200 404/200 | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /projects/:project/members/all',                   '401 404/200 404/200 | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /projects/:project/members/:member',               '401 404/200 404/200 | 200 200 200 200 200 200 200 | 200 200 200 | 200 403 403'),
    row('GET /projects/:project/members/:absent',               '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 403 403'),
    row('POST /projects/:project/members',                      '401 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', { user_id: ':newcomer', access_level: 40 }),
    row('POST /projects/:project/members',                      '401 404/403 404/403 | 403 403 403 403 403 201 201 | 403 201 403 | 403 403 403', { user_id: ':newcomer', access_level: 50 }),
    row('POST /projects/:project/members',                      '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { user_id: ':absent', access_level: 30 }),
    row('POST /projects/:project/members',                      '401 404/403 404/403 | 403 403 403 403 409 409 409 | 409 409 403 | 403 403 403', { user_id: ':member', access_level: 30 }),
    row('PUT /projects/:project/members/:member',               '401 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 403 403 403', { access_level: 20 }),
    row('PUT /projects/:project/members/:member',               '401 404/403 404/403 | 403 403 403 403 403 200 200 | 403 200 403 | 403 403 403', { access_level: 50 }),
    row('PUT /projects/:project/members/:ownerMember',          '401 404/403 404/403 | 403 403 403 403 403 200 200 | 403 200 403 | 403 403 403', { access_level: 30 }),
    row('PUT /projects/:project/members/:absent',               '401 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { access_level: 20 }),
    row('DELETE /projects/:project/members/:member',            '401 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/members/:ownerMember',       '401 404/403 404/403 | 403 403 403 403 403 204 204 | 403 204 403 | 403 403 403'),
    row('DELETE /projects/:project/members/:absent',            '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
    row('GET /groups/:group/members',                           '401 404/200 404/200 | 200 200 200 200 200 200 200 | 403/200 200 200 | 200 403 403'),
    row('GET /groups/:group/members/all',                       '401 404/200 404/200 | 200 200 200 200 200 200 200 | 403/200 200 200 | 200 403 403'),
    row('GET /groups/:group/members/:groupMember',              '401 404/200 404/200 | 200 200 200 200 200 200 200 | 403/200 200 200 | 200 403 403'),
    row('POST /groups/:group/members',                          '401 404/403 404/403 | 403 403 403 403 403 201 201 | 403 201 403 | 403 403 403', { user_id: ':newcomer', access_level: 50 }),
    row('PUT /groups/:group/members/:groupMember',              '401 404/403 404/403 | 403 403 403 403 403 200 200 | 403 200 403 | 403 403 403', { access_level: 20 }),
    row('PUT /groups/:group/members/:absent',                   '401 404/403 404/403 | 403 403 403 403 403 404 404 | 403 404 403 | 403 403 403', { access_level: 20 }),
    row('DELETE /groups/:group/members/:groupMember',           '401 404/403 404/403 | 403 403 403 403 403 204 204 | 403 204 403 | 403 403 403'),
  ],
  'protected branches and tags': [
    row('GET /projects/:project/protected_branches',            '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/protected_branches/:branch',    '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/protected_branches/nothing',    '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('POST /projects/:project/protected_branches',           '404/403 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', { name: ':fresh' }),
    row('POST /projects/:project/protected_branches',           '404/403 404/403 404/403 | 403 403 403 403 409 409 409 | 409 409 403 | 403 403 403', { name: ':branch' }),
    row('PATCH /projects/:project/protected_branches/:branch',  '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 403 403 403', { allow_force_push: true }),
    row('PATCH /projects/:project/protected_branches/nothing',  '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403', { allow_force_push: true }),
    row('DELETE /projects/:project/protected_branches/:branch', '404/403 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
    row('DELETE /projects/:project/protected_branches/nothing', '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 403 403 403'),
    row('GET /projects/:project/protected_tags',                '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/protected_tags/:tag',           '404/403 404/403 404/403 | 403 403 403 403 200 200 200 | 200 200 403 | 200 403 403'),
    row('GET /projects/:project/protected_tags/nothing',        '404/403 404/403 404/403 | 403 403 403 403 404 404 404 | 404 404 403 | 404 403 403'),
    row('POST /projects/:project/protected_tags',               '404/403 404/403 404/403 | 403 403 403 403 201 201 201 | 201 201 403 | 403 403 403', { name: ':fresh' }),
    row('POST /projects/:project/protected_tags',               '404/403 404/403 404/403 | 403 403 403 403 422 422 422 | 422 422 403 | 403 403 403', { name: ':tag' }),
    row('DELETE /projects/:project/protected_tags/:tag',        '404/403 404/403 404/403 | 403 403 403 403 204 204 204 | 204 204 403 | 403 403 403'),
  ],
  'keys of users': [
    row('GET /user/keys',                                       '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /user/keys/:myKey',                                '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /user/keys/:absent',                               '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 404 403'),
    row('POST /user/keys',                                      '401 201 201         | 201 201 201 201 201 201 201 | 201 201 201 | 403 403 403', keyJson),
    row('DELETE /user/keys/:myKey',                             '401 204 204         | 204 204 204 204 204 204 204 | 204 204 204 | 403 403 403'),
    row('DELETE /user/keys/:deployKey',                         '401 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 403 403 403'),
    row('GET /users/:strangerId/keys',                          '200 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /users/:strangerId/keys/:strangersKey',            '200 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /users/:user/keys/:strangersKey',                  '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 404 403'),
    row('GET /users/:absent/keys',                              '404 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 404 403'),
    row('POST /users/:user/keys',                               '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403', keyJson),
    row('DELETE /users/:strangerId/keys/:strangersKey',         '401 403 403         | 403 403 403 403 403 403 204 | 403 403 403 | 403 403 403'),
    row('GET /keys/:strangersKey',                              '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403'),
    row('GET /keys/:absent',                                    '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
    row('GET /keys?fingerprint=SHA256%3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '401 403 403 | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
  ],
  'users': [
    row('GET /user',                                            '401 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /users/:user',                                     '403 200 200         | 200 200 200 200 200 200 200 | 200 200 200 | 200 200 403'),
    row('GET /users/:absent',                                   '403 404 404         | 404 404 404 404 404 404 404 | 404 404 404 | 404 404 403'),
    row('PUT /users/:user',                                     '401 403 403         | 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403', { name: 'n' }),
    row('POST /users/:user/block',                              '401 403 403         | 403 403 403 403 403 403 201 | 403 403 403 | 403 403 403'),
    row('DELETE /users/:user',                                  '401 403 403         | 403 403 403 403 403 403 204 | 403 403 403 | 403 403 403'),
    row('DELETE /users/:absent',                                '401 403 403         | 403 403 403 403 403 403 404 | 403 403 403 | 403 403 403'),
  ],
}
