import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { newHome, rootToken, startSallyport } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

interface Event {
  readonly id: number
  readonly author_id: number
  readonly entity_type: string
  readonly entity_id: number
  readonly event_name: string
  readonly details: Record<string, unknown>
}

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const events = async (path = '/audit_events'): Promise<Event[]> => (await scene.api.call('GET', `${path}?per_page=100`)).body

/** Waits until there is an event of this kind that fits; events of a door are not waited for by whoever was refused. */
const eventually = async (name: string, fits: (event: Event) => boolean, path?: string): Promise<Event> => {
  let found: Event | undefined
  await expect
    .poll(
      async () => {
        found = (await events(path)).find((event) => event.event_name === name && fits(event))
        return found?.event_name
      },
      { timeout: 10_000 },
    )
    .toBe(name)
  if (found === undefined) throw new Error('unreachable')
  return found
}

const freshToken = (who: string, scopes: readonly string[]) => scene.token(scene.who(who).id, scopes)

const tokenOf = async (id: number) => (await scene.api.call('GET', `/personal_access_tokens/${id}`)).body

const lsRemote = (secret: string) => scene.client.git(['ls-remote', scene.client.url('castle/private', 'x', secret)])

describe('last use', () => {
  test('over the API: a token shows itself used now, and from where', async () => {
    const { id, token } = await freshToken('developer', ['api'])
    expect(await tokenOf(id)).toMatchObject({ last_used_at: null, last_used_ips: [] })
    const before = Date.now()
    const { body } = await scene.api.as(token).call('GET', '/personal_access_tokens/self')
    expect(Date.parse(body.last_used_at)).toBeGreaterThanOrEqual(before)
    expect(body.last_used_ips).toEqual(['127.0.0.1'])
  })

  test('over git: another process sees it soon', async () => {
    const { id, token } = await freshToken('developer', ['read_repository'])
    expect((await lsRemote(token)).code).toBe(0)
    await expect.poll(() => tokenOf(id)).toMatchObject({ last_used_at: expect.any(String), last_used_ips: ['127.0.0.1'] })
  })

  test('a refused token was not used', async () => {
    const { id, token } = await freshToken('developer', ['api'])
    await scene.api.call('DELETE', `/personal_access_tokens/${id}`)
    expect((await scene.api.as(token).call('GET', '/user')).status).toBe(401)
    expect((await lsRemote(token)).code).not.toBe(0)
    const other = await freshToken('developer', ['read_user'])
    expect((await scene.api.as(other.token).call('GET', '/projects')).status).toBe(403)
    await scene.server.settled()
    expect(await tokenOf(id)).toMatchObject({ last_used_at: null })
    expect(await tokenOf(other.id)).toMatchObject({ last_used_at: null })
  })

  test('over SSH: of keys of users and of deploy keys', async () => {
    const { id, key } = scene.who('maintainer')
    const keyShown = async () => (await scene.api.call('GET', `/users/${id}/keys`)).body[0]
    expect(await keyShown()).toMatchObject({ last_used_at: null })
    expect((await scene.client.git(['ls-remote', scene.client.sshUrl('castle/private')], { key })).code).toBe(0)
    await expect.poll(keyShown).toMatchObject({ last_used_at: expect.any(String) })

    const deploy = await scene.client.key('deploy')
    const path = `/projects/${scene.id('private')}/deploy_keys`
    const made = await scene.api.make('POST', path, { title: 'deploy', key: deploy.line })
    expect((await scene.client.git(['ls-remote', scene.client.sshUrl('castle/private')], { key: deploy.file })).code).toBe(0)
    await expect
      .poll(async () => (await scene.api.call('GET', `${path}/${made.id}`)).body)
      .toMatchObject({ last_used_at: expect.any(String) })
  })

  test('lists are narrowed and ordered by it', async () => {
    const tokens = [
      await freshToken('planner', ['api']),
      await freshToken('planner', ['api']),
      await freshToken('planner', ['api']),
    ]
    const user = scene.who('planner').id
    for (const { token } of tokens.slice(0, 2)) await scene.api.as(token).call('GET', '/user')
    const list = async (query: string): Promise<number[]> =>
      (await scene.api.call('GET', `/personal_access_tokens?user_id=${user}&${query}`)).body.map(({ id }: { id: number }) => id)
    const used = [tokens[0]?.id, tokens[1]?.id]
    await expect.poll(() => list('last_used_after=2020-01-01&sort=last_used_asc')).toEqual(used)
    expect(await list('last_used_before=2020-01-01')).toEqual([])
    expect((await list('sort=last_used_desc')).slice(-2)).toEqual(used.toReversed())
  })
})

describe('use after death', () => {
  const dead = [
    [
      'revoked',
      'revoked_token_used',
      async () => {
        const made = await freshToken('developer', ['api'])
        await scene.api.call('DELETE', `/personal_access_tokens/${made.id}`)
        return made
      },
    ],
    ['expired', 'expired_token_used', () => scene.token(scene.who('developer').id, ['api'], { expires_at: '2020-01-01' })],
  ] as const

  const doors = [
    ['the API', (token: string) => scene.api.as(token).call('GET', '/user')],
    ['HTTP', lsRemote],
  ] as const

  const table = dead.flatMap(([how, name, make]) => doors.map(([door, use]) => [how, door, name, make, use] as const))

  test.each(table)('of a token that is %s, over %s', async (_how, door, name, make, use) => {
    const { id, token } = await make()
    for (let times = 0; times < 6; times += 1) await use(token)
    const event = await eventually(name, ({ details }) => details['target_id'] === id)
    expect(event).toMatchObject({
      author_id: -1,
      entity_type: 'User',
      entity_id: scene.who('developer').id,
      details: { ip_address: '127.0.0.1', target_type: 'PersonalAccessToken', custom_message: expect.stringContaining(door) },
    })
    const same = (await events()).filter((other) => other.event_name === name && other.details['target_id'] === id)
    // Each of the two workers tells of it once.
    expect(same.length).toBeLessThanOrEqual(2)
  })

  test('of a blocked user, over every door', async () => {
    const { id, token, key } = await scene.person('blocked')
    await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: id, access_level: 30 })
    await scene.api.make('POST', `/users/${id}/block`)
    await scene.api.as(token).call('GET', '/user')
    await lsRemote(token)
    await scene.client.git(['ls-remote', scene.client.sshUrl('castle/private')], { key })
    const ofUser = (type: string) => (event: Event) =>
      event.entity_id === id && event.entity_type === 'User' && event.details['target_type'] === type
    await eventually('shut_out_user_credential_used', ofUser('PersonalAccessToken'))
    await eventually('shut_out_user_credential_used', ofUser('Key'))
  })

  test('a token that is rotated again after its rotation ends its successor, and the audit says so', async () => {
    const first = await freshToken('developer', ['api'])
    const second = await scene.api.as(first.token).make('POST', '/personal_access_tokens/self/rotate')
    expect((await scene.api.as(first.token).call('POST', '/personal_access_tokens/self/rotate')).status).toBe(401)
    const event = await eventually('personal_access_token_revoked', ({ details }) => details['target_id'] === second.id)
    expect(event.details).toMatchObject({ reason: 'token_reused', author_name: 'Reuse detection' })
    await eventually('revoked_token_used', ({ details }) => details['target_id'] === first.id)
  })
})

describe('a denied push', () => {
  const path = () => `/projects/${scene.id('private')}/audit_events`

  test.each([
    ['guest', 'push_denied'],
    ['developer', 'branch_push_denied'],
  ])('of a %s, over HTTP and SSH', async (who, reason) => {
    const { id, token, key } = scene.who(who)
    const directory = await scene.client.repository(`denied-${who}`)
    const urls = [scene.client.url('castle/private', who, token), scene.client.sshUrl('castle/private')]
    for (const url of urls) {
      const pushed = await scene.client.git(['push', '-f', url, 'main'], { cwd: directory, key })
      expect(pushed.code).not.toBe(0)
    }
    for (const door of ['HTTP', 'SSH']) {
      const event = await eventually(
        'push_denied',
        ({ author_id, details }) => author_id === id && String(details['custom_message']).includes(door),
        path(),
      )
      expect(event).toMatchObject({ entity_type: 'Project', entity_id: scene.id('private') })
      expect([who, event.details['reason']]).toEqual([who, expect.stringMatching(/denied|force|cannot/)])
      if (who === 'guest') expect(event.details['reason']).toBe(reason)
    }
  })

  test('by force, which only git can tell', async () => {
    const { id, token } = scene.who('maintainer')
    const directory = await scene.client.repository('forced')
    const pushed = await scene.client.git(['push', '-f', scene.client.url('castle/private', 'x', token), 'main'], {
      cwd: directory,
    })
    expect(pushed.stderr).toContain('force push')
    const event = await eventually('push_denied', ({ author_id }) => author_id === id, path())
    expect(event.details).toMatchObject({
      reason: 'branch_force_push',
      custom_message: expect.stringContaining('refs/heads/main'),
    })
  })

  test('over the API: a branch that may not be deleted', async () => {
    const { id, token } = scene.who('reporter')
    const path = `/projects/${scene.id('private')}`
    expect((await scene.api.as(token).call('DELETE', `${path}/repository/branches/main`)).status).toBe(403)
    const event = await eventually('push_denied', ({ author_id }) => author_id === id, `${path}/audit_events`)
    expect(event.details['custom_message']).toContain('over the API')
  })

  test('a push that is welcome, and the question of a stranger before it, is none', async () => {
    const { id, token } = scene.who('owner')
    const directory = await scene.client.repository('welcome')
    const url = scene.client.url('castle/private', 'owner', token)
    const before = (await events())[0]?.id ?? 0
    expect((await scene.client.git(['push', url, 'HEAD:refs/heads/topic'], { cwd: directory })).code).toBe(0)
    await scene.server.settled()
    expect((await events()).filter((event) => event.id > before && event.author_id === id)).toEqual([])
  })

  test('a project that a push makes is an event', async () => {
    const { id, token } = scene.who('owner')
    const directory = await scene.client.repository('made')
    const pushed = await scene.client.git(['push', scene.client.url('owner/made', 'x', token), 'main'], { cwd: directory })
    expect(pushed.code).toBe(0)
    await eventually('project_created', ({ author_id, details }) => author_id === id && details['entity_path'] === 'owner/made')
  })
})

describe('while the second file is locked', () => {
  test('git transfers go on as before', async () => {
    const { token } = await freshToken('developer', ['api'])
    const directory = await scene.client.repository('undelayed')
    const lock = new Database(join(scene.server.home, 'sallyport-activity.db'))
    lock.exec('begin immediate')
    const started = performance.now()
    expect((await lsRemote(token)).code).toBe(0)
    const url = scene.client.url('castle/private', 'x', token)
    expect((await scene.client.git(['push', url, 'HEAD:refs/heads/undelayed'], { cwd: directory })).code).toBe(0)
    expect((await scene.client.git(['push', '-f', url, 'HEAD:main'], { cwd: directory })).code).not.toBe(0)
    const took = performance.now() - started
    lock.exec('rollback')
    lock.close()
    expect(took).toBeLessThan(5000)
    await eventually(
      'push_denied',
      ({ details }) => details['author_name'] === 'developer',
      `/projects/${scene.id('private')}/audit_events`,
    )
  })
})

describe('an orderly stop', () => {
  test('keeps what was told just before it, and a start that changes the token says so', async () => {
    const home = await newHome()
    const server = await startSallyport({ home })
    const api = new Api(server.http)
    const made = await api.make('POST', '/users/1/personal_access_tokens', { name: 'x', scopes: ['api'] })
    await api.make('DELETE', `/personal_access_tokens/${made.id}`).catch(() => {})
    const git = (token: string) =>
      fetch(`${server.http}/a/b.git/info/refs?service=git-upload-pack`, {
        headers: { Authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` },
      })
    expect((await git(made.token)).status).toBe(401)
    expect((await git(rootToken)).status).toBe(404)
    expect(await server.stop()).toBe(0)

    const otherToken = 'glpat-anotherrootanotherroot'
    await using again = await startSallyport({ home, env: { SALLYPORT_ROOT_TOKEN: otherToken } })
    const root = new Api(again.http, otherToken)
    const kept: Event[] = (await root.call('GET', '/audit_events')).body
    expect(kept.map(({ event_name }) => event_name).reverse()).toEqual([
      'user_created',
      'personal_access_token_created',
      'personal_access_token_created',
      'personal_access_token_revoked',
      'revoked_token_used',
      'personal_access_token_revoked',
      'personal_access_token_created',
    ])
    const { body } = await root.call('GET', '/personal_access_tokens/1')
    expect(body).toMatchObject({ name: 'root token', revoked: true, last_used_at: expect.any(String) })
  })
})
