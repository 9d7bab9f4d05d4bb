import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mostScopes } from '../../src/registry/scopes.ts'
import type { Login } from '../support/registry.ts'
import { rootPassword, rootToken } from '../support/sallyport.ts'
import { basic, password, RegistryStage } from './stage.ts'

let stage: RegistryStage
const logins: Record<string, Login> = { nobody: undefined, root: ['root', rootToken] }

const image = (path: string, actions: string): string => `repository:castle/${path}:${actions}`

beforeAll(async () => {
  stage = await RegistryStage.open('127.0.0.1:5050', { env: { SALLYPORT_TRUSTED_PROXIES: '127.0.0.1' } })
  for (const name of ['guest', 'reporter', 'developer', 'maintainer', 'stranger']) logins[name] = ['any', stage.who(name).token]
  for (const scope of ['read_api', 'read_registry', 'write_registry', 'read_repository']) {
    logins[scope] = ['', await stage.tokenOf('maintainer', [scope])]
  }
  const own = `projects/${stage.projects.get('private')}`
  logins['deploy'] = await stage.deployToken(own, ['read_registry', 'write_registry'])
  logins['deploy elsewhere'] = await stage.deployToken(`groups/${stage.groups.get('other')}`, ['read_registry'])
  logins['deploy code'] = await stage.deployToken(own, ['read_repository'])
  const bot = { name: 'bot', scopes: ['read_registry', 'write_registry'], access_level: 30 }
  logins['project bot'] = ['bot', (await stage.api.make('POST', `/${own}/access_tokens`, bot)).token]
  logins['group bot'] = ['bot', (await stage.api.make('POST', `/groups/${stage.groups.get('castle')}/access_tokens`, bot)).token]
  logins['oauth'] = await stage.oauth('developer', 'api')
  logins['oauth code'] = await stage.oauth('developer', 'read_repository')
  logins['job'] = await stage.job('private')
  logins['password'] = ['developer', password]
})

afterAll(() => stage?.[Symbol.asyncDispose]())

const of = (name: string): Login => logins[name]

describe('what is granted', () => {
  test.each([
    ['maintainer', ['private:pull,push,delete'], { 'castle/private': 'pull,push,delete' }],
    ['maintainer', ['private:*'], { 'castle/private': '*' }],
    ['developer', ['private:pull,push,delete'], { 'castle/private': 'pull,push' }],
    ['developer', ['private:*'], {}],
    ['developer', ['private:push,pull'], { 'castle/private': 'push,pull' }],
    ['reporter', ['private:pull,push'], { 'castle/private': 'pull' }],
    ['guest', ['private:pull'], {}],
    ['guest', ['private:pull', 'public:pull,push'], { 'castle/public': 'pull' }],
    ['stranger', ['private:pull', 'internal:pull'], { 'castle/internal': 'pull' }],
    ['read_registry', ['private:pull,push,delete'], { 'castle/private': 'pull' }],
    ['write_registry', ['private:pull,push,delete'], { 'castle/private': 'push' }],
    ['read_api', ['private:pull,push'], { 'castle/private': 'pull' }],
    ['password', ['private:pull,push'], { 'castle/private': 'pull,push' }],
    ['oauth', ['private:pull,push,delete'], { 'castle/private': 'pull,push' }],
    ['deploy', ['private:pull,push,delete'], { 'castle/private': 'pull,push' }],
    ['deploy', ['internal:pull', 'public:pull'], { 'castle/public': 'pull' }],
    ['deploy elsewhere', ['private:pull'], {}],
    ['project bot', ['private:pull,push', 'internal:pull,push'], { 'castle/private': 'pull,push', 'castle/internal': 'pull' }],
    ['group bot', ['private:pull,push', 'internal:pull,push'], { 'castle/private': 'pull,push', 'castle/internal': 'pull,push' }],
    ['job', ['private:pull,push,delete'], { 'castle/private': 'pull,push,delete' }],
    ['job', ['private:*'], {}],
    ['job', ['public:pull,push,delete'], { 'castle/public': 'pull' }],
    ['root', ['private:*', 'absent:pull'], { 'castle/private': '*' }],
    ['nobody', ['public:pull,push'], { 'castle/public': 'pull' }],
    ['nobody', ['private:pull', 'public:pull'], { 'castle/public': 'pull' }],
  ])('%s asks for %j', async (name, scopes, expected) => {
    const asked = scopes.map((scope) => `repository:castle/${scope}`)
    expect(await stage.granted(of(name), ...asked)).toEqual(expected)
  })

  test('below a project, two parts deep', async () => {
    const names = ['castle/private/web', 'castle/private/web/base', 'castle/private/web/base/more', 'castle', 'castle/privat']
    const asked = names.map((name) => `repository:${name}:pull`)
    expect(await stage.granted(of('reporter'), ...asked)).toEqual({
      'castle/private/web': 'pull',
      'castle/private/web/base': 'pull',
    })
  })

  test('both spellings of several scopes, and each thing once', async () => {
    const both = [`${image('private', 'pull')} ${image('public', 'pull')}`, image('private', 'push'), image('public', 'pull')]
    expect(await stage.granted(of('developer'), ...both)).toEqual({ 'castle/private': 'pull,push', 'castle/public': 'pull' })
  })

  test('a class in the type is told back', async () => {
    const { body } = await stage.ask(of('developer'), { scopes: ['repository(plugin):castle/private:pull'] })
    const { access } = decodeJwt<{ access: Record<string, unknown>[] }>(body.token)
    expect(access).toEqual([
      {
        type: 'repository',
        class: 'plugin',
        name: 'castle/private',
        actions: ['pull'],
        meta: {
          project_path: 'castle/private',
          project_id: stage.projects.get('private'),
          root_namespace_id: stage.groups.get('castle'),
        },
      },
    ])
  })

  test('the catalog, to administrators and by its own name', async () => {
    expect(await stage.granted(of('root'), 'registry:catalog:*')).toEqual({ catalog: '*' })
    expect(await stage.granted(of('maintainer'), 'registry:catalog:*')).toEqual({})
    expect(await stage.granted(of('nobody'), 'registry:catalog:*')).toBe(403)
    for (const other of ['registry:catalog:pull', 'registry:other:*', 'registry:catalog:*,pull']) {
      expect([other, await stage.granted(of('root'), other)]).toEqual([other, {}])
    }
  })

  test('what makes no sense is left out', async () => {
    const nonsense = ['nonsense', 'repository:castle/private', 'repository::pull', 'repository:castle/private/*:pull', 'a:b:c']
    expect(await stage.granted(of('root'), ...nonsense, image('private', 'pull,dance'))).toEqual({ 'castle/private': 'pull' })
  })

  test('nothing where the project has its registry off, and to members where it is theirs', async () => {
    const path = `/projects/${stage.projects.get('public')}`
    const levels = async (level: string) => {
      await stage.api.make('PUT', path, { container_registry_access_level: level })
      return Promise.all(['nobody', 'stranger', 'developer'].map((name) => stage.granted(of(name), image('public', 'pull'))))
    }
    expect(await levels('private')).toEqual([403, {}, { 'castle/public': 'pull' }])
    expect(await levels('disabled')).toEqual([403, {}, {}])
    await stage.api.make('PUT', path, { container_registry_enabled: true })
    expect((await stage.api.make('GET', path)).container_registry_access_level).toBe('enabled')
    expect(await stage.granted(of('nobody'), image('public', 'pull'))).toEqual({ 'castle/public': 'pull' })
  })
})

describe('an answer', () => {
  test('to a login without a scope holds a token that allows nothing', async () => {
    const { status, body, headers } = await stage.ask(of('developer'))
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'application/json', 'no-store'])
    expect(body).toEqual({ token: expect.any(String), access_token: body.token, expires_in: 240 })
    const claims = decodeJwt<Record<string, unknown>>(body.token)
    expect(claims).toMatchObject({ iss: stage.server.http, aud: 'container_registry', sub: 'developer', access: [] })
    expect([claims.exp, claims.nbf]).toEqual([(claims.iat ?? 0) + 300, (claims.iat ?? 0) - 120])
  })

  test.each([
    ['maintainer', 'personal_access_token'],
    ['group bot', 'personal_access_token'],
    ['password', 'gitlab_or_ldap'],
    ['deploy', 'deploy_token'],
    ['job', 'build'],
    ['oauth', 'oauth'],
    ['nobody', 'none'],
  ])('to %s says %s', async (name, auth_type) => {
    const { body } = await stage.ask(of(name), { scopes: [image('public', 'pull')] })
    expect(decodeJwt(body.token)).toMatchObject({ auth_type })
  })

  test('is as short-lived as the instance says', async () => {
    await stage.api.make('PUT', '/application/settings', { container_registry_token_expire_delay: 1 })
    const { body } = await stage.ask(of('developer'))
    await stage.api.make('PUT', '/application/settings', { container_registry_token_expire_delay: 5 })
    const { iat = 0, exp } = decodeJwt(body.token)
    expect([exp, body.expires_in]).toEqual([iat + 60, 60])
  })
})

describe('a refusal', () => {
  const denied = { errors: [{ code: 'DENIED', message: 'access forbidden' }], http_status: 403 }

  test.each([
    ['a wrong token', ['any', 'glpat-wrongwrongwrongwrong'] as const],
    ['a wrong password', ['developer', 'wrong'] as const],
    ['no password', ['developer', ''] as const],
    ["a deploy token under another's name", ['other', ''] as const],
  ])('of %s', async (_name, login) => {
    const secret = login[1] === '' && login[0] === 'other' ? (of('deploy')?.[1] ?? '') : login[1]
    const { status, body, headers } = await stage.ask([login[0], secret], { scopes: [image('public', 'pull')] })
    expect([status, headers.get('content-type')]).toEqual([401, 'application/json'])
    expect(body).toEqual({
      errors: [{ code: 'UNAUTHORIZED', message: expect.stringMatching(/^HTTP Basic: Access denied\. .*See http/) }],
    })
  })

  test.each([
    ['read_repository', ['public:pull']],
    ['read_repository', []],
    ['oauth code', ['public:pull']],
    ['deploy code', ['private:pull']],
    ['nobody', []],
    ['nobody', ['private:pull']],
    ['nobody', ['internal:pull']],
    ['nobody', ['absent:pull']],
    ['nobody', ['public:push']],
  ])('of %s that asks for %j', async (name, scopes) => {
    const { status, body } = await stage.ask(of(name), { scopes: scopes.map((scope) => `repository:castle/${scope}`) })
    expect([status, body]).toEqual([403, denied])
  })

  test('of another service says nothing, and of another method no more', async () => {
    for (const service of ['dependency_proxy', 'other', '']) {
      const { status, body } = await stage.ask(of('root'), { service })
      expect([status, body]).toEqual([404, ''])
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      expect([method, (await stage.ask(of('root'), { method })).status]).toEqual([method, 404])
    }
  })

  test('of more than is looked at', async () => {
    const many = Array.from({ length: mostScopes + 1 }, (_, index) => `a:${index}:b`)
    const { status, body } = await stage.ask(of('root'), { scopes: [many.join(' ')] })
    expect([status, body.errors[0].code]).toEqual([400, 'UNSUPPORTED'])
    expect((await stage.ask(of('root'), { scopes: [`repository:castle/${'a'.repeat(600)}:pull`] })).status).toBe(400)
    const thousands = Array.from({ length: 5_000 }, () => image('private', 'pull'))
    expect((await stage.ask(of('root'), { scopes: thousands })).status).toBe(414)
  })

  test('of a token that was revoked, and of a user who is blocked, at the next request', async () => {
    const { id } = await stage.person('leaving')
    const group = stage.groups.get('castle')
    await stage.api.make('POST', `/groups/${group}/members`, { user_id: id, access_level: 30 })
    const login = ['any', await stage.tokenOf('leaving', ['read_registry'])] as const
    expect(await stage.granted(login, image('private', 'pull'))).toEqual({ 'castle/private': 'pull' })
    await stage.api.make('POST', `/users/${id}/block`)
    expect(await stage.granted(login, image('private', 'pull'))).toBe(401)
    await stage.api.make('POST', `/users/${id}/unblock`)
    await stage.api.make('DELETE', `/groups/${group}/members/${id}`)
    expect(await stage.granted(login, image('private', 'pull'))).toEqual({})
    await stage.api.as(login[1]).call('DELETE', '/personal_access_tokens/self')
    expect(await stage.granted(login, image('private', 'pull'))).toBe(401)
  })

  test('of a user who was deactivated is told in the log', async () => {
    const { id, token } = await stage.person('resting')
    await stage.api.make('POST', `/users/${id}/deactivate`)
    const { status, body, headers } = await stage.ask(['any', token], { scopes: [image('public', 'pull')] })
    expect([status, body]).toEqual([403, denied])
    const line = await stage.server.logged(({ correlation_id }) => correlation_id === headers.get('x-request-id'))
    expect(line).toMatchObject({ username: 'resting', 'meta.refusal_reason': 'user_deactivated' })
  })
})

describe('the line of a request', () => {
  const lineOf = async (login: Login, scopes: readonly string[]) => {
    const { headers } = await stage.ask(login, { scopes })
    await stage.server.settled()
    const lines = stage.server.log.filter((line) => line['correlation_id'] === headers.get('x-request-id'))
    expect(lines).toHaveLength(1)
    return lines[0] ?? {}
  }

  test('says who, by which token, for which project', async () => {
    expect(await lineOf(of('maintainer'), [image('private', 'pull')])).toMatchObject({
      method: 'GET',
      path: '/jwt/auth',
      status: 200,
      username: 'maintainer',
      token_type: 'PersonalAccessToken',
      token_kind: 'personal-access-token',
      'meta.project': 'castle/private',
      remote_ip: '127.0.0.1',
    })
  })

  test("says what was left out, in GitLab's words", async () => {
    expect(await lineOf(of('developer'), [image('private', 'pull,delete')])).toMatchObject({
      msg: 'Denied container registry permissions',
      requested_actions: ['castle/private:pull,delete'],
      authorized_actions: ['castle/private:pull'],
    })
  })

  test('says why, and no secret', async () => {
    const secret = 'glpat-nosuchtokennosuchtoken'
    const line = await lineOf(['any', secret], [image('private', 'pull')])
    expect(line).toMatchObject({ msg: 'JWT authentication failed', 'meta.refusal_reason': 'credential_unknown', status: 401 })
    expect(JSON.stringify(stage.server.log)).not.toContain(secret)
    expect(await lineOf(of('read_repository'), [])).toMatchObject({ 'meta.refusal_reason': 'registry_ability_missing' })
    expect(await lineOf(of('nobody'), [])).toMatchObject({ 'meta.refusal_reason': 'registry_nothing_granted' })
    expect(await lineOf(of('job'), [image('private', 'push')])).toMatchObject({ msg: 'successful job token auth' })
  })

  test('a token that is used is last used', async () => {
    const { id } = await stage.person('user')
    const made = await stage.api.make('POST', `/users/${id}/personal_access_tokens`, { name: 'x', scopes: ['read_registry'] })
    await stage.ask(['x', made.token])
    await expect
      .poll(async () => (await stage.api.make('GET', `/personal_access_tokens/${made.id}`)).last_used_at, { timeout: 10_000 })
      .not.toBeNull()
  })
})

test('an address that tries too often is shut out, also with a good credential', async () => {
  const from = { 'X-Forwarded-For': '203.0.113.9' }
  const tries = Array.from({ length: 10 }, () => stage.ask(['root', 'glpat-wrongwrongwrongwrong'], { headers: from }))
  expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(tries.map(() => 401))
  const { status, body, headers } = await stage.ask(['root', rootPassword], { headers: from })
  expect([status, body, headers.get('content-type')]).toEqual([403, 'Forbidden\n', 'text/plain; charset=utf-8'])
  const line = await stage.server.logged(({ correlation_id }) => correlation_id === headers.get('x-request-id'))
  expect(line).toMatchObject({ msg: 'Rack_Attack', env: 'blocklist', 'meta.refusal_reason': 'address_banned' })
  expect((await stage.ask(of('root'), { headers: { 'X-Forwarded-For': '203.0.113.10' } })).status).toBe(200)
})

test('requests count with those for pages, where these have a limit', async () => {
  const limit = {
    throttle_unauthenticated_web_enabled: true,
    throttle_unauthenticated_web_requests_per_period: 2,
    throttle_unauthenticated_web_period_in_seconds: 3_600,
  }
  await stage.api.make('PUT', '/application/settings', limit)
  const asked = { scopes: [image('public', 'pull')], headers: { 'X-Forwarded-For': '203.0.113.20' } }
  const answers = [1, 2, 3].map(() => stage.ask(undefined, asked))
  const told = await Promise.all(answers)
  const others = await stage.ask(of('developer'), asked)
  await stage.api.make('PUT', '/application/settings', { throttle_unauthenticated_web_enabled: false })
  expect(told.map(({ status }) => status).sort()).toEqual([200, 200, 429])
  expect(told.find(({ status }) => status === 429)).toMatchObject({ body: 'Retry later\n' })
  expect(others.status).toBe(200)
})

test('a Basic header of nothing at all counts as none', async () => {
  const { status } = await stage.ask(undefined, {
    scopes: [image('public', 'pull')],
    headers: { Authorization: basic(['', '']) },
  })
  expect(status).toBe(200)
})
