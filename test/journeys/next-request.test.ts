import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { turnOn } from '../http/web/pages-scene.ts'
import { WebClient } from '../http/web/web-client.ts'
import { rootToken } from '../support/sallyport.ts'
import { password, Scene } from './scene.ts'

let scene: Scene
let database: Database.Database
let project: number
let directory: string

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  project = await scene.project('hold')
  directory = join(scene.client.directory, 'seed-hold')
  database = new Database(join(scene.server.home, 'sallyport.db'), { timeout: 10_000 })
})
afterAll(async () => {
  database?.close()
  await scene?.[Symbol.asyncDispose]()
})

interface Answered {
  readonly status: number
  readonly id: string
}

/** Over a connection of its own: the two workers take new connections in turn. */
const send = (method: string, path: string, headers: IncomingHttpHeaders, body = ''): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request(`${scene.server.http}${path}`, { method, headers: { ...headers }, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, id: String(response.headers['x-request-id']) }))
    })
    asked.on('error', reject)
    asked.end(body)
  })

/** What somebody holds in the hand: something for the API, a pair for git, a key for SSH; and whose it is. */
interface Held {
  readonly token?: string
  readonly pair?: readonly [login: string, secret: string]
  readonly key?: string
  readonly id: number
  readonly user: number
}

const basic = ([login, secret]: readonly [string, string]) => `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`
const pairOf = ({ pair, token = '' }: Held) => ({ authorization: basic(pair ?? ['x', token]) })

const overHttp = {
  api: (held: Held) => send('GET', `/api/v4/projects/${project}`, { 'private-token': held.token ?? '' }),
  fetch: (held: Held) => send('GET', '/castle/hold.git/info/refs?service=git-upload-pack', pairOf(held)),
  push: (held: Held) => {
    const type = { 'content-type': 'application/x-git-receive-pack-request' }
    return send('POST', '/castle/hold.git/git-receive-pack', { ...pairOf(held), ...type }, '0000')
  },
} as const

const git = async (words: readonly string[], { key = '' }: Held): Promise<number> =>
  (await scene.client.git(words, { key, cwd: directory })).code ?? -1

let pushes = 0
const overSsh = {
  sshFetch: (held: Held) => git(['ls-remote', '-q', scene.client.sshUrl('castle/hold')], held),
  // In earnest: what a key's creator may do is asked once the refs are known.
  sshPush: (held: Held) => {
    pushes += 1
    return git(['push', '-q', scene.client.sshUrl('castle/hold'), `HEAD:refs/heads/x${pushes}`], held)
  },
} as const

const doors = ['api', 'fetch', 'push', 'sshFetch', 'sshPush'] as const
type Door = (typeof doors)[number]
type Statuses = Partial<Record<Door, number>>

const workers = async (answers: readonly Answered[]): Promise<number> => {
  const lines = answers.map(({ id }) => scene.server.logged((line) => line['correlation_id'] === id))
  return new Set((await Promise.all(lines)).map((line) => line['pid'])).size
}

const sshLines = () => scene.server.log.filter((line) => line['door'] === 'ssh')

const knockOverSsh = async (door: keyof typeof overSsh, held: Held): Promise<number | string> => {
  const before = sshLines().length
  const [one, two] = await Promise.all([overSsh[door](held), overSsh[door](held)])
  await scene.server.logged(() => sshLines().length >= before + 2)
  if (
    new Set(
      sshLines()
        .slice(before)
        .map((line) => line['pid']),
    ).size !== 2
  )
    return 'one worker answered twice'
  return one === two ? one : `${one} and ${two}`
}

/** Knocks twice at one door; both workers must answer, and alike. */
const knock = async (door: Door, held: Held): Promise<number | string> => {
  if (door === 'sshFetch' || door === 'sshPush') return knockOverSsh(door, held)
  const answers = [await overHttp[door](held), await overHttp[door](held)]
  if ((await workers(answers)) !== 2) return 'one worker answered twice'
  const [one, two] = answers.map(({ status }) => status)
  return one === two ? (one ?? -1) : `${one} and ${two}`
}

const knockAt = async (held: Held, statuses: Statuses): Promise<Record<string, number | string>> => {
  const found: Record<string, number | string> = {}
  for (const door of doors) if (statuses[door] !== undefined) found[door] = await knock(door, held)
  return found
}

let people = 0
const developer = async () => {
  people += 1
  const person = await scene.person(`holder-${people}`)
  await scene.api.make('POST', `/projects/${project}/members`, { user_id: person.id, access_level: 30 })
  return person
}

const kinds: Readonly<Record<string, () => Promise<Held>>> = {
  'personal access token': async () => {
    const { id: user } = await developer()
    return { user, ...(await scene.token(user, ['api'])) }
  },
  'impersonation token': async () => {
    const { id: user } = await developer()
    const fields = { name: 'i', scopes: ['api'] }
    return { user, ...(await scene.api.make('POST', `/users/${user}/impersonation_tokens`, fields)) }
  },
  'project access token': async () => {
    const made = await scene.api.make('POST', `/projects/${project}/access_tokens`, {
      name: 'p',
      scopes: ['api'],
      access_level: 30,
    })
    return { ...made, user: made.user_id }
  },
  'group access token': async () => {
    const fields = { name: 'g', scopes: ['api'], access_level: 30 }
    const made = await scene.api.make('POST', `/groups/${scene.groupId}/access_tokens`, fields)
    return { ...made, user: made.user_id }
  },
  'service account token': async () => {
    const home = `/groups/${scene.groupId}/service_accounts`
    const { id: user } = await scene.api.make('POST', home, {})
    await scene.api.make('POST', `/projects/${project}/members`, { user_id: user, access_level: 30 })
    return { user, ...(await scene.api.make('POST', `${home}/${user}/personal_access_tokens`, { name: 's', scopes: ['api'] })) }
  },
  'deploy token': async () => {
    const made = await scene.api.make('POST', `/projects/${project}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] })
    return { id: made.id, user: 0, pair: [made.username, made.token] }
  },
  'deploy token of the group': async () => {
    const made = await scene.api.make('POST', `/groups/${scene.groupId}/deploy_tokens`, {
      name: 'd',
      scopes: ['read_repository'],
    })
    return { id: made.id, user: 0, pair: [made.username, made.token] }
  },
  password: async () => {
    const { id, username } = await developer()
    return { id, user: id, pair: [username, password] }
  },
  'SSH key': async () => {
    const { id: user, key } = await developer()
    const [{ id }] = await scene.api.make('GET', `/users/${user}/keys`)
    return { id, user, key }
  },
  'deploy key': async () => {
    const person = await developer()
    await scene.api.make('PUT', `/projects/${project}/members/${person.id}`, { access_level: 40 })
    const { file, line } = await scene.client.key(`deploy-${person.id}`)
    const key = { title: 'd', key: line, can_push: true }
    const { id } = await scene.api.as(person.token).make('POST', `/projects/${project}/deploy_keys`, key)
    return { id, user: person.id, key: file }
  },
}

const root = (method: string, path: string, json?: unknown) => scene.api.make(method, path, json)
const inStore = async (sql: string, ...values: unknown[]): Promise<void> => void database.prepare(sql).run(...values)
const today = () => new Date().toISOString().slice(0, 10)

const ends: Readonly<Record<string, (held: Held) => Promise<unknown>>> = {
  revoked: ({ id }) => root('DELETE', `/personal_access_tokens/${id}`),
  'revoked by itself': ({ token }) => scene.api.as(token).make('DELETE', '/personal_access_tokens/self'),
  rotated: ({ id }) => root('POST', `/personal_access_tokens/${id}/rotate`),
  'rotated by itself': ({ token }) => scene.api.as(token).make('POST', '/personal_access_tokens/self/rotate'),
  'revoked in its project': ({ id }) => root('DELETE', `/projects/${project}/access_tokens/${id}`),
  'revoked in its group': ({ id }) => root('DELETE', `/groups/${scene.groupId}/access_tokens/${id}`),
  'the account removed by its group': ({ user }) => root('DELETE', `/groups/${scene.groupId}/service_accounts/${user}`),
  'shown to be stolen': ({ token }) => root('DELETE', '/admin/token', { token }),
  // Its day comes: the row says today from now on.
  expired: ({ id }) => inStore('update access_tokens set expires_at = ? where id = ?', today(), id),
  'a deploy token that expired': ({ id }) =>
    inStore('update deploy_tokens set expires_at = ? where id = ?', '2026-01-01T00:00:00.000Z', id),
  'a key that expired': ({ id }) => inStore('update keys set expires_at = ? where id = ?', '2026-01-01T00:00:00.000Z', id),
  'its user blocked': ({ user }) => root('POST', `/users/${user}/block`),
  'its user deactivated': ({ user }) => root('POST', `/users/${user}/deactivate`),
  'its user deleted': ({ user }) => root('DELETE', `/users/${user}`),
  'its user no longer a member': ({ user }) => root('DELETE', `/projects/${project}/members/${user}`),
  'its user made Guest': ({ user }) => root('PUT', `/projects/${project}/members/${user}`, { access_level: 10 }),
  'its user’s membership over': ({ user }) =>
    inStore('update members set expires_at = ? where user_id = ? and project_id = ?', today(), user, project),
  'removed from the project': ({ id }) => root('DELETE', `/projects/${project}/deploy_tokens/${id}`),
  'removed from the group': ({ id }) => root('DELETE', `/groups/${scene.groupId}/deploy_tokens/${id}`),
  'the password changed': ({ user }) => root('PUT', `/users/${user}`, { password: 'another battery staple' }),
  'a second factor turned on': async ({ pair: [login] = [''] }) => {
    const browser = new WebClient(scene.server.http)
    await browser.signIn(login, password)
    await turnOn(browser, { now: Date.now(), password })
  },
  'the key removed': ({ id, user }) => root('DELETE', `/users/${user}/keys/${id}`),
  'the deploy key taken away': ({ id }) => root('DELETE', `/projects/${project}/deploy_keys/${id}`),
  'the deploy key made to read only': ({ id }) => root('PUT', `/projects/${project}/deploy_keys/${id}`, { can_push: false }),
}

const bad = { api: 401, fetch: 401, push: 401 }
const closed = { sshFetch: 128, sshPush: 128 }

/** [credential, how it ends, what each door says from then on: an HTTP status, or git's exit code] */
const rows: [kind: string, end: string, after: Statuses][] = [
  ['personal access token', 'revoked', bad],
  ['personal access token', 'revoked by itself', bad],
  ['personal access token', 'rotated', bad],
  ['personal access token', 'rotated by itself', bad],
  ['personal access token', 'expired', bad],
  ['personal access token', 'its user blocked', { ...bad, api: 403 }],
  ['personal access token', 'its user deactivated', { api: 403, fetch: 403, push: 403 }],
  ['personal access token', 'its user deleted', bad],
  ['personal access token', 'its user no longer a member', { api: 404, fetch: 404, push: 404 }],
  ['personal access token', 'its user’s membership over', { api: 404, fetch: 404, push: 404 }],
  ['personal access token', 'its user made Guest', { api: 200, fetch: 403, push: 403 }],
  ['personal access token', 'shown to be stolen', bad],
  ['impersonation token', 'revoked', bad],
  ['impersonation token', 'expired', bad],
  ['impersonation token', 'its user blocked', { ...bad, api: 403 }],
  ['project access token', 'revoked in its project', bad],
  ['project access token', 'rotated', bad],
  ['project access token', 'expired', bad],
  ['project access token', 'its user blocked', { ...bad, api: 403 }],
  ['project access token', 'its user no longer a member', { api: 404, fetch: 401, push: 401 }],
  ['group access token', 'revoked in its group', bad],
  ['group access token', 'rotated', bad],
  ['group access token', 'expired', bad],
  ['service account token', 'revoked', bad],
  ['service account token', 'rotated', bad],
  ['service account token', 'expired', bad],
  ['service account token', 'its user blocked', { ...bad, api: 403 }],
  ['service account token', 'its user no longer a member', { api: 404, fetch: 401, push: 401 }],
  ['service account token', 'the account removed by its group', bad],
  ['deploy token', 'removed from the project', { fetch: 401 }],
  ['deploy token', 'a deploy token that expired', { fetch: 401 }],
  ['deploy token of the group', 'removed from the group', { fetch: 401 }],
  ['deploy token of the group', 'a deploy token that expired', { fetch: 401 }],
  ['password', 'the password changed', { fetch: 401, push: 401 }],
  ['password', 'a second factor turned on', { fetch: 401, push: 401 }],
  ['password', 'its user blocked', { fetch: 401, push: 401 }],
  ['password', 'its user no longer a member', { fetch: 404, push: 404 }],
  ['SSH key', 'the key removed', closed],
  ['SSH key', 'a key that expired', closed],
  ['SSH key', 'its user blocked', closed],
  ['SSH key', 'its user no longer a member', closed],
  ['deploy key', 'the deploy key taken away', closed],
  ['deploy key', 'a key that expired', closed],
  ['deploy key', 'its user blocked', closed],
  ['deploy key', 'its user no longer a member', { sshFetch: 0, sshPush: 1 }],
  ['deploy key', 'the deploy key made to read only', { sshFetch: 0, sshPush: 128 }],
]

describe('the very next request is refused, by both workers', () => {
  const good = { api: 200, fetch: 200, push: 200, sshFetch: 0, sshPush: 0 }
  const named = rows.map(([kind, end, after]) => [`${kind}: ${end}`, kind, end, after] as const)

  test.each(named)('%s', async (_title, kind, end, after) => {
    const held = await kinds[kind]?.()
    const finish = ends[end]
    if (held === undefined || finish === undefined) throw new Error(`no maker for ${kind}, or no end ${end}`)
    const worked = Object.fromEntries(doors.filter((door) => after[door] !== undefined).map((door) => [door, good[door]]))
    expect(await knockAt(held, after)).toEqual(worked)
    await finish(held)
    expect(await knockAt(held, after)).toEqual(after)
  })

  test('and root’s own token still works', async () => {
    expect(await knock('api', { id: 0, user: 1, token: rootToken })).toBe(200)
  })
})
