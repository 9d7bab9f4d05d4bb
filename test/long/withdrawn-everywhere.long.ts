/**
 * What lets somebody in × how it ends × every way in, at both workers. What `test/journeys/next-request.test.ts` asks of
 * each single token is not asked again; here are the ends that come from elsewhere: from a place, an account, a sponsor,
 * an application, a token that is shown twice, a setting.
 */
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Held, HeldWorld, type Place, type Way } from './held.ts'

let world: HeldWorld
let database: Database.Database

beforeAll(async () => {
  world = await HeldWorld.open()
  database = new Database(world.file('sallyport.db'), { timeout: 10_000 })
})
afterAll(async () => {
  database?.close()
  await world?.[Symbol.asyncDispose]()
})

const root = (method: string, path: string, json?: unknown) => world.api.make(method, path, json)
const today = (): string => new Date().toISOString().slice(0, 10)
const day = (table: string, id: number): void => {
  database
    .prepare(`update ${table} set expires_at = ? where id = ?`)
    .run(table === 'access_tokens' ? today() : '2026-01-01T00:00:00.000Z', id)
}

const makers: Readonly<Record<string, (place: Place) => Promise<Held>>> = {
  'personal token': (place) => world.personal(place),
  'impersonation token': (place) => world.impersonation(place),
  'token of a project': (place) => world.bot(place, 'projects'),
  'token of a group': (place) => world.bot(place, 'groups'),
  'token of a service account': (place) => world.service(place),
  'deploy token': (place) => world.deployToken(place, 'projects'),
  'deploy token of a group': (place) => world.deployToken(place, 'groups'),
  password: (place) => world.byPassword(place),
  'OAuth token': (place) => world.oauth(place),
  'job token': (place) => world.job(place),
  'what a trust gave': (place) => world.trusted(place),
  'key of a user': (place) => world.userKey(place),
  'deploy key': (place) => world.deployKey(place),
  'trigger token': (place) => world.trigger(place),
  'runner token': (place) => world.runner(place),
  session: (place) => world.session(place),
}

/** Shown by its holder once more to be rotated, after it was. */
const rotatedTwice = async ({ secret }: Held): Promise<unknown> => {
  const self = world.api.as(secret)
  const { token } = await self.make('POST', '/personal_access_tokens/self/rotate')
  expect((await world.api.as(token).call('GET', '/personal_access_tokens/self')).status).toBe(200)
  expect((await self.call('POST', '/personal_access_tokens/self/rotate')).status).toBe(401)
  for (const _ of [1, 2]) expect((await world.send('GET', '/api/v4/user', { 'PRIVATE-TOKEN': token })).status).toBe(401)
  return undefined
}

const refreshedTwice = async ({ secret }: Held): Promise<unknown> => {
  const { id: _, ...client } = world.application
  const body = String(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: secret, ...client }))
  const refresh = () => world.send('POST', '/oauth/token', { 'Content-Type': 'application/x-www-form-urlencoded' }, body)
  const { access_token } = JSON.parse((await refresh()).text)
  const bearer = { Authorization: `Bearer ${access_token}` }
  // From its first use on, what it replaced is over.
  expect((await world.send('GET', '/api/v4/user', bearer)).status).toBe(200)
  expect((await refresh()).status).toBe(400)
  for (const __ of [1, 2]) expect((await world.send('GET', '/api/v4/user', bearer)).status).toBe(401)
  return undefined
}

type End = (place: Place, held: Held) => Promise<unknown>

const elsewhere = async (): Promise<number> => {
  const path = `away${performance.now().toString().replace('.', '-')}`
  return (await root('POST', '/groups', { name: path, path })).id
}

const ends: Readonly<Record<string, End>> = {
  'the project is deleted': ({ project }) => root('DELETE', `/projects/${project}`),
  'the group is deleted': ({ group }) => root('DELETE', `/groups/${group}`),
  'the group moves away': async ({ group }) => root('POST', `/groups/${group}/transfer`, { group_id: await elsewhere() }),
  'the project moves away': async ({ project }) => root('PUT', `/projects/${project}/transfer`, { namespace: await elsewhere() }),
  'its user is banned': ({ user }, { account }) => root('POST', `/users/${account ?? user}/ban`),
  'its user is blocked': ({ user }, { account }) => root('POST', `/users/${account ?? user}/block`),
  'its user is deactivated': ({ user }) => root('POST', `/users/${user}/deactivate`),
  'its user is deleted': ({ user }, { account }) => root('DELETE', `/users/${account ?? user}?hard_delete=true`),
  'its user leaves': ({ above, user }, { account }) => root('DELETE', `/groups/${above}/members/${account ?? user}`),
  'its user is made Guest': ({ above, user }) => root('PUT', `/groups/${above}/members/${user}`, { access_level: 10 }),
  'the membership’s day comes': async ({ above, user }) =>
    void database.prepare('update members set expires_at = ? where namespace_id = ? and user_id = ?').run(today(), above, user),
  'the password is changed': ({ user }) => root('PUT', `/users/${user}`, { password: 'another battery staple' }),
  'it is revoked': (_, { id }) => root('DELETE', `/personal_access_tokens/${id}`),
  'its day comes': async (_, { id }) => day('access_tokens', id),
  'its successor’s forebear comes back': (_, held) => rotatedTwice(held),
  'its refresh token comes twice': (_, held) => refreshedTwice(held),
  'the application is deleted': async () => {
    await root('DELETE', `/applications/${world.application.id}`)
    await world.newApplication()
  },
  'the lease is ended': ({ project }, { id }) => root('DELETE', `/projects/${project}/sallyport/job_leases/${id}`),
  'the trust is deleted': ({ project }, { id }) => root('DELETE', `/projects/${project}/sallyport/trusts/${id}`),
  'the trust is changed': ({ project }, { id }) => root('PUT', `/projects/${project}/sallyport/trusts/${id}`, {}),
  'the trigger is deleted': ({ project }, { id }) => root('DELETE', `/projects/${project}/triggers/${id}`),
  'the runner is deleted': (_, { id }) => root('DELETE', `/runners/${id}`),
  'its token is exchanged': (_, { id }) => root('POST', `/runners/${id}/reset_authentication_token`),
  'the deploy token is removed': ({ project }, { id }) => root('DELETE', `/projects/${project}/deploy_tokens/${id}`),
  'the deploy token’s day comes': async (_, { id }) => day('deploy_tokens', id),
  'the key is removed': ({ user }, { id }) => root('DELETE', `/users/${user}/keys/${id}`),
}

const ofPeople = ['personal token', 'impersonation token', 'OAuth token', 'job token', 'what a trust gave', 'key of a user']
const inPlace = [
  ...ofPeople,
  'token of a project',
  'token of a group',
  'token of a service account',
  'deploy token',
  'deploy key',
]

/** Ways that stay open, and why. */
const stay: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Who may make projects here makes one by a push, and that one has images.
  'the project is deleted': Object.fromEntries(
    ['personal token', 'impersonation token', 'token of a group', 'token of a service account', 'password', 'OAuth token'].map(
      (kind) => [kind, ['push', 'registry', ...(kind === 'OAuth token' ? ['refresh at one worker'] : [])]],
    ),
  ),
  // The application may go on asking: the person is there, and what the next token opens is decided when it is shown.
  // A running job may ask about itself, and use the images of its own project whatever its user may (gitlab
  // `Ci::AuthJobFinder`, `Auth::ContainerRegistryAuthenticationService`).
  ...Object.fromEntries(
    [
      ['the group is deleted', []],
      ['the group moves away', ['api']],
      ['the project moves away', ['api']],
      ['its user leaves', ['api', 'registry']],
      ['the membership’s day comes', ['api', 'registry']],
    ].map(([end, job]) => [end, { 'OAuth token': ['refresh at one worker'], 'job token': job }]),
  ),
}

const rows: readonly (readonly [end: string, kinds: readonly string[]])[] = [
  ['the project is deleted', [...inPlace, 'deploy token of a group', 'password', 'trigger token']],
  ['the group is deleted', [...inPlace, 'deploy token of a group', 'trigger token']],
  ['the group moves away', [...ofPeople, 'token of a service account', 'password', 'trigger token']],
  ['the project moves away', [...ofPeople, 'token of a group', 'deploy token of a group', 'token of a service account']],
  ['its user is banned', [...ofPeople, 'password', 'trigger token', 'session', 'deploy key', 'token of a service account']],
  ['its user is blocked', [...ofPeople, 'password', 'trigger token', 'session', 'deploy key', 'token of a group']],
  ['its user is deactivated', [...ofPeople, 'trigger token', 'session']],
  [
    'its user is deleted',
    [...ofPeople, 'password', 'trigger token', 'session', 'token of a project', 'token of a service account'],
  ],
  ['its user leaves', [...ofPeople, 'password', 'trigger token', 'token of a service account']],
  ['its user is made Guest', ['what a trust gave', 'trigger token']],
  ['the membership’s day comes', [...ofPeople, 'password', 'trigger token']],
  ['the password is changed', ['password', 'session']],
  [
    'it is revoked',
    ['personal token', 'impersonation token', 'token of a project', 'token of a group', 'token of a service account'],
  ],
  [
    'its day comes',
    ['personal token', 'impersonation token', 'token of a project', 'token of a group', 'token of a service account'],
  ],
  [
    'its successor’s forebear comes back',
    ['personal token', 'token of a project', 'token of a group', 'token of a service account'],
  ],
  ['its refresh token comes twice', ['OAuth token']],
  ['the application is deleted', ['OAuth token']],
  ['the lease is ended', ['job token']],
  ['the trust is deleted', ['what a trust gave']],
  ['the trust is changed', ['what a trust gave']],
  ['the trigger is deleted', ['trigger token']],
  ['the runner is deleted', ['runner token']],
  ['its token is exchanged', ['runner token']],
  ['the deploy token is removed', ['deploy token']],
  ['the deploy token’s day comes', ['deploy token']],
  ['the key is removed', ['key of a user']],
]

/** The ways that are open, each asked twice: once at each worker. */
const open = async (ways: readonly Way[]): Promise<string[]> => {
  const found: string[] = []
  for (const way of ways) {
    const answers = [await way.ask(), await way.ask()]
    if (answers.includes(true)) found.push(answers.includes(false) ? `${way.name} at one worker` : way.name)
  }
  return found
}

describe.each(rows)('%s', (end, kinds) => {
  test.each(kinds)('%s', async (kind) => {
    const [make, finish] = [makers[kind], ends[end]]
    if (make === undefined || finish === undefined) throw new Error(`no ${kind}, or no ${end}`)
    const place = await world.place()
    const held = await make(place)
    const lasting = held.ways.filter(({ once }) => !once)
    expect(await open(lasting)).toEqual(lasting.map(({ name }) => name))
    await finish(place, held)
    expect(await open(held.ways)).toEqual(stay[end]?.[kind] ?? [])
  })
})
