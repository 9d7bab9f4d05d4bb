import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})

afterAll(() => world?.close())

/** The line of an answer, which is written when its connection is done with it. */
const lineOf = (id: string | null): Promise<Record<string, unknown>> =>
  expect
    .poll(() => world.lines.find((line) => line['correlation_id'] === id && line['msg'] === 'api request'))
    .toBeDefined()
    .then(() => world.lines.find((line) => line['correlation_id'] === id && line['msg'] === 'api request') ?? {})

const send = async (method: string, path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${world.url}${path}`, { method, ...init })
  await answer.text()
  return { status: answer.status, line: await lineOf(answer.headers.get('x-request-id')) }
}

const asRoot = () => ({ 'PRIVATE-TOKEN': world.people.root.token })
const json = () => ({ ...asRoot(), 'Content-Type': 'application/json' })

describe('a refusal has its reason in the log', () => {
  test.each<[string, string, () => RequestInit, number, string]>([
    ['GET', '/api/v4/user', () => ({}), 401, 'credential_missing'],
    ['GET', '/api/v4/user', () => ({ headers: { 'PRIVATE-TOKEN': 'glpat-nothing' } }), 401, 'credential_unknown'],
    [
      'GET',
      '/api/v4/application/settings',
      () => ({ headers: { 'PRIVATE-TOKEN': world.people.guest.token } }),
      403,
      'permission_missing',
    ],
    ['GET', '/api/v4/projects/999999', () => ({ headers: asRoot() }), 404, 'not_found'],
    ['GET', '/api/v4/nonsense', () => ({ headers: asRoot() }), 404, 'unknown_route'],
    ['GET', '/oauth/nonsense', () => ({}), 404, 'unknown_route'],
    ['PATCH', '/api/v4/version', () => ({ headers: asRoot() }), 405, 'method_not_allowed'],
    ['POST', '/api/v4/groups', () => ({ headers: json(), body: '{}' }), 400, 'invalid_parameters'],
    ['POST', '/api/v4/groups', () => ({ headers: json(), body: '{' }), 400, 'entity.parse.failed'],
    ['POST', '/api/v4/groups', () => ({ headers: json(), body: '{"name":"t","path":"team"}' }), 400, 'invalid_record'],
    [
      'POST',
      '/api/v4/groups',
      () => ({ headers: { ...asRoot(), 'Content-Type': 'text/csv' }, body: 'x' }),
      415,
      'unsupported_media_type',
    ],
    ['POST', '/api/v4/groups', () => ({ headers: json(), body: `"${'x'.repeat(1_100_000)}"` }), 413, 'entity.too.large'],
    [
      'GET',
      '/api/v4/user',
      () => ({ headers: { 'PRIVATE-TOKEN': world.people.guest.token, Sudo: 'root' } }),
      403,
      'sudo_without_admin',
    ],
  ])('%s %s: %s', async (method, path, init, status, reason) => {
    const { status: answered, line } = await send(method, path, init())
    expect([answered, line]).toMatchObject([
      status,
      {
        level: 40,
        door: 'api',
        method,
        path,
        status,
        remote_ip: '127.0.0.1',
        duration_s: expect.any(Number),
        'meta.refusal_reason': reason,
      },
    ])
    expect(line).not.toHaveProperty(['meta.auth_fail_reason'])
  })

  test('also where the client goes away', async () => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
    const head = ['POST /api/v4/groups HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 100']
    const headers = [...head, `PRIVATE-TOKEN: ${world.people.root.token}`]
    socket.write(`${headers.join('\r\n')}\r\n\r\n{`, () => socket.destroy())
    await expect
      .poll(() => world.lines.find((line) => line['status'] === 499))
      .toMatchObject({
        level: 40,
        'meta.refusal_reason': expect.any(String),
      })
  })
})

describe("a token that is refused is told in GitLab's fields", () => {
  const token = async (fields: Parameters<World['addToken']>[1]) => world.addToken(world.people.guest.id, fields)

  test.each<[string, Parameters<World['addToken']>[1], number]>([
    ['token_expired', { expires_at: '2026-03-10' }, 401],
    ['token_revoked', { revoked: 1 }, 401],
    ['insufficient_scope', { scopes: ['read_repository'] }, 403],
  ])('%s', async (reason, fields, expected) => {
    const { id, token: secret } = await token(fields)
    const { status, line } = await send('GET', '/api/v4/user', { headers: { 'PRIVATE-TOKEN': secret } })
    expect([status, line]).toMatchObject([
      expected,
      {
        'meta.auth_fail_reason': reason,
        'meta.auth_fail_token_id': `PersonalAccessToken/${id}`,
        'meta.auth_fail_requested_scopes': 'api read_api read_user',
        'meta.auth_fail_token_type': 'PersonalAccessToken',
        'meta.auth_fail_auth_header_type': 'private_token_header',
      },
    ])
    expect(line).not.toHaveProperty(['meta.refusal_reason'])
    expect(JSON.stringify(world.lines)).not.toContain(secret)
  })

  test.each<[string, (secret: string) => [string, Record<string, string>]]>([
    ['private_token_header', (secret) => ['/api/v4/user', { 'PRIVATE-TOKEN': secret }]],
    ['private_token_param', (secret) => [`/api/v4/user?private_token=${secret}`, {}]],
    ['private_token_param', (secret) => [`/api/v4/user?private_token=${secret}`, { 'PRIVATE-TOKEN': 'other' }]],
    ['bearer', (secret) => ['/api/v4/user', { Authorization: `Bearer ${secret}` }]],
    ['other', (secret) => [`/api/v4/user?access_token=${secret}`, {}]],
  ])('and how it was sent: %s', async (carrier, ask) => {
    const { token: secret } = await token({ revoked: 1 })
    const [path, headers] = ask(secret)
    expect((await send('GET', path, { headers })).line).toMatchObject({ 'meta.auth_fail_auth_header_type': carrier })
    expect(JSON.stringify(world.lines)).not.toContain(secret)
  })

  test('with the scopes of the route also before a body is read', async () => {
    const { token: secret } = await token({ expires_at: '2026-03-10' })
    const headers = { 'PRIVATE-TOKEN': secret, 'Content-Type': 'application/json' }
    const { line } = await send('POST', '/api/v4/groups', { headers, body: '{}' })
    expect(line).toMatchObject({ 'meta.auth_fail_reason': 'token_expired', 'meta.auth_fail_requested_scopes': 'api' })
  })

  test('and the account of a good one', async () => {
    const blocked = await world.person('blocked', { state: 'blocked' })
    const { line } = await send('GET', '/api/v4/user', { headers: { 'PRIVATE-TOKEN': blocked.token } })
    expect(line).toMatchObject({
      'meta.refusal_reason': 'user_blocked',
      'meta.auth_fail_token_id': expect.stringMatching(/^PersonalAccessToken\//),
    })
  })
})

test('an answer says who asked, by which token', async () => {
  const { line } = await send('GET', '/api/v4/user', { headers: asRoot() })
  expect(line).toMatchObject({
    level: 30,
    door: 'api',
    status: 200,
    user_id: world.people.root.id,
    username: 'root',
    'meta.user': 'root',
    token_type: 'PersonalAccessToken',
    token_kind: 'personal-access-token',
    token_id: expect.any(Number),
    token_scopes: ['api', 'sudo'],
  })
})
