import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { type Person, Scene } from './scene.ts'

let scene: Scene
let developer: Person

beforeAll(async () => {
  scene = await Scene.open({ env: { SALLYPORT_IMPERSONATION: 'off' } })
  developer = scene.who('developer')
})

afterAll(() => scene?.[Symbol.asyncDispose]())

type Line = Readonly<Record<string, unknown>>

const linesOf = async (door: string): Promise<Line[]> => {
  await scene.server.settled()
  return scene.server.log.filter((line) => line['door'] === door)
}

/** What asks at each door with a secret; gives back the line that it left. */
const doors = {
  async http(secret: string): Promise<Line | undefined> {
    await (await scene.infoRefs('castle/private', 'upload-pack', { login: 'any', secret })).text()
    return (await linesOf('http')).at(-1)
  },
  async api(secret: string): Promise<Line | undefined> {
    await (await fetch(`${scene.server.http}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': secret } })).text()
    return (await linesOf('api')).findLast((line) => line['path'] === '/api/v4/user')
  },
}

const make = async (scopes: readonly string[], fields: Record<string, unknown> = {}) => scene.token(developer.id, scopes, fields)

const dead = {
  token_expired: () => make(['api'], { expires_at: '2020-01-01' }),
  async token_revoked() {
    const made = await make(['api'])
    await fetch(`${scene.server.http}/api/v4/personal_access_tokens/${made.id}`, {
      method: 'DELETE',
      headers: { 'PRIVATE-TOKEN': rootToken },
    })
    return made
  },
  impersonation_disabled: () =>
    scene.api.make('POST', `/users/${developer.id}/impersonation_tokens`, { name: 'as', scopes: ['api'] }) as Promise<{
      id: number
      token: string
    }>,
  insufficient_scope: () => make(['self_rotate']),
}

describe.each(['http', 'api'] as const)('over %s', (door) => {
  test.each(Object.entries(dead))('%s', async (reason, born) => {
    const { id, token } = await born()
    const line = await doors[door](token)
    expect(line).toMatchObject({
      level: 40,
      'meta.auth_fail_reason': reason,
      'meta.auth_fail_token_id': `PersonalAccessToken/${id}`,
      remote_ip: '127.0.0.1',
      duration_s: expect.any(Number),
      correlation_id: expect.any(String),
    })
    expect(JSON.stringify(scene.server.log)).not.toContain(token)
  })

  test('a good token: who, and by what', async () => {
    const { id, token } = await make(['api', 'read_repository'])
    expect(await doors[door](token)).toMatchObject({
      level: 30,
      status: 200,
      user_id: developer.id,
      username: 'developer',
      'meta.user': 'developer',
      token_type: 'PersonalAccessToken',
      token_id: id,
      token_kind: 'personal-access-token',
      token_scopes: ['api', 'read_repository'],
    })
  })

  test('an unknown one has no number', async () => {
    const line = await doors[door]('glpat-nothingnothingnothing')
    expect(line).toMatchObject({ level: 40, status: 401, 'meta.refusal_reason': expect.any(String) })
    for (const key of ['meta.auth_fail_reason', 'meta.auth_fail_token_id', 'username']) expect(line).not.toHaveProperty([key])
  })
})

test('a scope that is too small over git says so in both words', async () => {
  const { id, token } = await make(['read_user'])
  expect(await doors.http(token)).toMatchObject({
    status: 403,
    'meta.auth_fail_reason': 'insufficient_scope',
    'meta.refusal_reason': 'ability_missing_download',
    'meta.auth_fail_token_id': `PersonalAccessToken/${id}`,
  })
})

test('nobody at all has no token that could be too small', async () => {
  await (await scene.infoRefs('castle/public', 'receive-pack')).text()
  const line = (await linesOf('http')).at(-1)
  expect(line).toMatchObject({ status: 401, 'meta.refusal_reason': 'ability_missing_push' })
  expect(line).not.toHaveProperty(['meta.auth_fail_reason'])
})

describe('over ssh', () => {
  const lsRemote = (person: Person, path: string) =>
    scene.client.git(['ls-remote', scene.client.sshUrl(path)], { key: person.key })

  test('who may not: the reason, and by which key', async () => {
    const stranger = scene.who('stranger')
    await lsRemote(stranger, 'castle/private')
    const line = await scene.server.logged((entry) => entry['door'] === 'ssh' && entry['username'] === 'stranger')
    expect(line).toMatchObject({
      level: 40,
      'meta.refusal_reason': 'project_invisible',
      'meta.user': 'stranger',
      user_id: stranger.id,
      token_type: 'Key',
      token_kind: 'user-key',
      remote_ip: '127.0.0.1',
      duration_s: expect.any(Number),
    })
  })
})

test('no line has the words of another door', async () => {
  const all = [...(await linesOf('http')), ...(await linesOf('api')), ...(await linesOf('ssh'))]
  for (const old of ['project', 'project_id', 'duration_ms']) {
    expect(all.filter((line) => Object.hasOwn(line, old))).toEqual([])
  }
})
