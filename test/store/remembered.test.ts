import Database from 'better-sqlite3'
import fc from 'fast-check'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../src/core/action.ts'
import type { Principal, User } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { StoredAuditTrail } from '../../src/store/activity/audit-trail.ts'
import { StoredUsageLog } from '../../src/store/activity/usage-log.ts'
import { type EpochWatch, watchEpoch } from '../../src/store/epoch.ts'
import { rememberUnder } from '../../src/store/epoch-cache.ts'
import { storedFacts } from '../../src/store/facts.ts'
import { limitsFileOf, openLimits } from '../../src/store/limits.ts'
import { StoredCredentials } from '../../src/store/lookups.ts'
import { createProject } from '../../src/store/projects.ts'
import { rememberFacts } from '../../src/store/remembered-facts.ts'
import { moveRoutes } from '../../src/store/routes.ts'
import type { Schema } from '../../src/store/schema.ts'
import type { Store } from '../../src/store/sqlite.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { makeGroup, recordedShelf, now as start, type TemporaryStore, temporaryStore } from './temporary-store.ts'

const hour = 3_600_000
const at = new Date(start).toISOString()
const accessToken = new Secret('glpat-of-alice-the-developer')
const botToken = new Secret('glpat-of-the-bot-of-a-group')
const deployToken = new Secret('gldt-of-the-castle-deployer')
const fingerprints = { user: 'SHA256:alice', deploy: 'SHA256:deploy' }

let temporary: TemporaryStore
/** As another process has it open. */
let other: Database.Database
let watch: EpochWatch
let store: Store
let queries = 0
let alice: User
let now = start
const clock = () => now

const insert = (table: string, row: Readonly<Record<string, unknown>>): number => {
  const names = Object.keys(row)
  const sql = `insert into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`
  return Number(other.prepare(sql).run(row).lastInsertRowid)
}

const token = (user: number, secret: Secret) => ({
  user_id: user,
  name: 't',
  digest: digestOf(secret),
  scopes: '["api"]',
  impersonation: 0,
  revoked: 0,
  created_at: at,
})

const key = (kind: 'user' | 'deploy', user: number) => ({
  kind,
  user_id: user,
  title: kind,
  key: kind,
  fingerprint_sha256: fingerprints[kind],
  fingerprint_md5: kind,
  usage_type: 'auth',
  public: 0,
  created_at: at,
})

const projectIn = (namespaceId: number, creator: User, path: string) =>
  createProject(
    store,
    {
      namespaceId,
      creator: creator.id,
      name: path,
      path,
      description: '',
      visibility: 'private',
      repository_access_level: 'enabled',
      initial_branch: 'main',
    } as never,
    recordedShelf(),
    start,
  )

beforeAll(async () => {
  temporary = await temporaryStore()
  other = new Database(temporary.file, { timeout: 10_000 })
  watch = watchEpoch(temporary.file)
  const read = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: new Database(temporary.file) }),
    log: () => {
      queries += 1
    },
  })
  store = { ...temporary.store, read }
  alice = await temporary.user('alice')
  const owner = await temporary.user('owner')
  const castle = await makeGroup(store, owner.id, 'castle')
  const yard = await makeGroup(store, owner.id, 'yard', castle.id)
  await projectIn(yard.id, owner, 'gate')
  await projectIn(castle.id, owner, 'mill')
  const bot = await temporary.user('bot')
  other.prepare("update users set kind = 'project_bot', bot_group_id = ? where id = ?").run(castle.id, bot.id)
  insert('access_tokens', token(alice.id, accessToken))
  insert('access_tokens', token(bot.id, botToken))
  const deployer = { group_id: castle.id, name: 'd', username: 'deployer', digest: digestOf(deployToken), revoked: 0 }
  insert('deploy_tokens', { ...deployer, scopes: '["read_repository"]', created_at: at })
  insert('keys', key('user', alice.id))
  insert('keys', key('deploy', alice.id))
})

afterAll(async () => {
  watch?.close()
  other?.close()
  await store?.read.destroy()
  await temporary?.close()
})

const passwords = new Passwords()

/** What one process answers from: anew each time, or from what it remembers. */
const processWith = (remembers: boolean) => {
  const facts = storedFacts(store, clock)
  if (!remembers) return { lookups: new StoredCredentials(store.read, passwords, clock), facts }
  const remembering = rememberUnder(() => watch.read())
  return {
    lookups: new StoredCredentials(store.read, passwords, clock, remembering),
    facts: rememberFacts(facts, clock, remembering),
  }
}

type Process = ReturnType<typeof processWith>

const project = 1 as never
const home = { id: 1 as never, fullPath: 'castle/yard/gate', namespaces: [3, 4] as never[] }

/** Whoever a credential names now; nobody where it names no one. */
const principals: Readonly<Record<string, (process: Process) => Promise<Principal>>> = {
  anonymous: async () => ({ kind: 'anonymous' }),
  alice: async ({ lookups }) => {
    const found = await lookups.accessToken(accessToken)
    return found === undefined ? { kind: 'anonymous' } : { kind: 'user', user: found.user }
  },
  'the deploy token': async () => ({
    kind: 'deploy-token',
    id: 1 as never,
    username: 'deployer',
    home: { kind: 'group', id: 3 as never },
  }),
  'the deploy key': async ({ lookups }) => {
    const found = await lookups.key(fingerprints.deploy)
    return found === undefined
      ? { kind: 'anonymous' }
      : { kind: 'deploy-key', id: found.id, title: found.title, creator: found.user }
  },
  'a job of the project': async () => ({ kind: 'job', id: 1 as never, home, user: alice }),
  'a job of another': async () => ({ kind: 'job', id: 2 as never, home: { ...home, id: 2 as never }, user: alice }),
}

const paths = ['castle/yard/gate', 'Castle/Yard/GATE', 'castle/yard/door', 'castle/gate', 'castle/nothing']
const actions: readonly Action[] = [
  { kind: 'pull', service: 'upload-pack' },
  { kind: 'push', updates: 'unknown' },
  { kind: 'push', updates: [] },
]

type Question = (process: Process) => Promise<unknown>

const questions: readonly Question[] = [
  ({ lookups }) => lookups.accessToken(accessToken),
  ({ lookups }) => lookups.accessToken(botToken),
  ({ lookups }) => lookups.deployToken(deployToken),
  ({ lookups }) => lookups.key(fingerprints.user),
  ({ lookups }) => lookups.key(fingerprints.deploy),
  ({ lookups }) => lookups.keyLogsIn(fingerprints.user),
  ({ lookups }) => lookups.role(alice, project),
  ...paths.map(
    (path): Question =>
      ({ facts }) =>
        facts.locate(path),
  ),
  ...Object.values(principals).flatMap((principal) =>
    paths.flatMap((path) =>
      actions.map(
        (action): Question =>
          async (process) =>
            process.facts.read(await principal(process), path, action),
      ),
    ),
  ),
]

const write = (sql: string, ...values: unknown[]) => void other.prepare(sql).run(...values)

/** Moments and days around the next midnight. */
const midnight = Date.parse('2026-03-11T00:00:00.000Z')
const day = fc.constantFrom(null, '2026-03-10', '2026-03-11', '2026-03-12')
const moment = fc.constantFrom(null, ...[-hour, -1, 0, 1, hour].map((by) => new Date(midnight + by).toISOString()))
const flag = fc.constantFrom(0, 1)

const move = (from: string, to: string) => store.write.transaction().execute((transaction) => moveRoutes(transaction, from, to))

type Change = () => unknown

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom(-hour, -1, 0, 1, hour).map((by) => () => {
    now = midnight + by
  }),
  fc
    .tuple(fc.constantFrom('namespace_id', 'project_id'), fc.constantFrom(10, 20, 30, 40, 50), day)
    .map(([column, level, expires]) => () => {
      write(`delete from members where user_id = ? and ${column} is not null`, alice.id)
      const place = column === 'project_id' ? 1 : 4
      insert('members', { [column]: place, user_id: alice.id, access_level: level, expires_at: expires, created_at: at })
    }),
  fc.constant(() => write('delete from members where user_id = ?', alice.id)),
  fc.tuple(fc.constantFrom('private', 'internal', 'public'), flag).map(([visibility, archived]) => () => {
    write('update projects set visibility = ?, archived = ?', visibility, archived)
  }),
  fc
    .constantFrom('disabled', 'private', 'enabled')
    .map((level) => () => write('update projects set repository_access_level = ?', level)),
  fc.constantFrom(3, 4).map((namespace) => () => write('update projects set namespace_id = ? where id = 1', namespace)),
  flag.map((archived) => () => write("update namespaces set archived = ? where kind = 'group'", archived)),
  fc.constantFrom(0, 1, 2, 3, null).map((preset) => () => write('update namespaces set default_branch_protection = ?', preset)),
  fc.constantFrom(['castle/yard/gate', 'castle/yard/door'], ['castle/yard/door', 'castle/yard/gate']).map(
    ([from = '', to = '']) =>
      () =>
        move(from, to),
  ),
  flag.map((revoked) => () => write('update access_tokens set revoked = ?', revoked)),
  day.map((expires) => () => write('update access_tokens set expires_at = ?', expires)),
  fc.tuple(flag, moment).map(
    ([revoked, expires]) =>
      () =>
        write('update deploy_tokens set revoked = ?, expires_at = ?', revoked, expires),
  ),
  fc.tuple(moment, fc.constantFrom('auth', 'signing')).map(
    ([expires, usage]) =>
      () =>
        write('update keys set expires_at = ?, usage_type = ?', expires, usage),
  ),
  fc.option(flag).map((canPush) => () => {
    write('delete from deploy_key_projects')
    if (canPush !== null) insert('deploy_key_projects', { key_id: 2, project_id: 1, can_push: canPush, created_at: at })
  }),
  fc
    .tuple(fc.constantFrom('active', 'blocked', 'deactivated'), flag, flag, moment)
    .map(([state, admin, external, expires]) => () => {
      write('update users set state = ?, is_admin = ?, is_external = ?, password_expires_at = ?', state, admin, external, expires)
    }),
  fc.constantFrom('"ssh"', '"http"', 'null').map((value) => () => {
    write("delete from settings where key = 'enabled_git_access_protocol'")
    insert('settings', { key: 'enabled_git_access_protocol', value })
  }),
  flag.map((open) => () => {
    write('delete from job_token_allowlist')
    if (open === 1) insert('job_token_allowlist', { project_id: 1, allowed_project_id: 2, created_at: at })
  }),
)

const asked = fc.array(fc.nat(questions.length - 1), { minLength: 3, maxLength: 8 })

test('what is remembered is what would be read: random writes by another process, random questions', async () => {
  const [fresh, remembering] = [processWith(false), processWith(true)]
  const step = fc.tuple(fc.option(changes, { freq: 2 }), asked)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const [change, numbers] of steps) {
        await change?.()
        for (const question of numbers.map((number) => questions[number])) {
          expect(await question?.(remembering)).toEqual(await question?.(fresh))
        }
      }
    }),
    { numRuns: 40 },
  )
})

/** How many queries a question takes. */
const costOf = async (question: () => Promise<unknown>): Promise<number> => {
  queries = 0
  await question()
  return queries
}

const pull: Action = { kind: 'pull', service: 'upload-pack' }

describe('a process that remembers', () => {
  const membership = (expires: string | null) => {
    write('delete from members where user_id = ?', alice.id)
    insert('members', { project_id: 1, user_id: alice.id, access_level: 30, expires_at: expires, created_at: at })
    write("update projects set visibility = 'private'")
    write("update users set state = 'active', is_admin = 0, is_external = 0")
  }
  const path = () => other.prepare('select path from routes where project_id = 1').pluck().get() as string
  const herself = (): Principal => ({ kind: 'user', user: alice })

  test('asks the store once for a credential and for facts', async () => {
    membership(null)
    const { lookups, facts } = processWith(true)
    const asks = [
      () => lookups.accessToken(accessToken),
      () => lookups.accessToken(botToken),
      () => lookups.deployToken(deployToken),
      () => lookups.key(fingerprints.user),
      () => lookups.role(alice, project),
      () => facts.locate(path()),
      () => facts.read(herself(), path(), pull),
      () => facts.read(herself(), path(), { kind: 'push', updates: 'unknown' }),
    ]
    for (const ask of asks) {
      expect(await costOf(ask)).toBeGreaterThan(0)
      expect(await costOf(ask)).toBe(0)
    }
  })

  test('lets a membership end at midnight', async () => {
    now = midnight - 1
    membership('2026-03-11')
    const { facts, lookups } = processWith(true)
    const roles = async () => [(await facts.read(herself(), path(), pull)).role, await lookups.role(alice, project)]
    expect([await roles(), await roles()]).toEqual([
      [30, 30],
      [30, 30],
    ])
    now = midnight
    expect(await roles()).toEqual([0, 0])
    now = midnight - 1
    expect(await roles()).toEqual([30, 30])
  })

  test('lets a password expire at its moment', async () => {
    write('update users set password_expires_at = ?', new Date(midnight + 5).toISOString())
    const { lookups } = processWith(true)
    const expired = async () => {
      const [byToken, byKey] = [await lookups.accessToken(accessToken), await lookups.key(fingerprints.user)]
      return [byToken?.user.passwordExpired, byKey?.user?.passwordExpired]
    }
    now = midnight + 4
    expect(await expired()).toEqual([false, false])
    now = midnight + 5
    expect(await expired()).toEqual([true, true])
  })

  test('asks for a hidden project as for none, each time', async () => {
    write("update projects set visibility = 'private'")
    const { facts } = processWith(true)
    const anonymous = (where: string) => costOf(() => facts.read({ kind: 'anonymous' }, where, pull))
    const costs = [await anonymous(path()), await anonymous(path()), await anonymous('castle/nothing')]
    expect(new Set(costs).size).toBe(1)
    expect(costs[0]).toBeGreaterThan(0)
  })

  test('asks each time for one who may not know of the project', async () => {
    write('delete from members where user_id = ?', alice.id)
    const { facts } = processWith(true)
    const ask = () => facts.read(herself(), path(), pull)
    expect(await costOf(ask)).toBe(await costOf(ask))
    expect(await costOf(ask)).toBeGreaterThan(0)
  })

  test('asks each time for a credential that nobody has, and for facts of refs', async () => {
    membership(null)
    const { lookups, facts } = processWith(true)
    const asks = [
      () => lookups.accessToken(new Secret('glpat-made-up')),
      () => lookups.key('SHA256:unknown'),
      () => facts.read(herself(), path(), { kind: 'push', updates: [] }),
    ]
    for (const ask of asks) {
      await ask()
      expect(await costOf(ask)).toBeGreaterThan(0)
    }
  })

  test('forgets nothing for a last use, an audit event or a wrong password', async () => {
    const epoch = watch.read()
    const fail = (fault: unknown): void => {
      throw fault
    }
    const usage = new StoredUsageLog(store, fail)
    usage.note({ kind: 'personal-access-token', id: 1 }, '192.0.2.1', now)
    await usage.stop()
    const trail = new StoredAuditTrail(store, { fault: fail, lost: fail })
    trail.record([
      {
        name: 'address_banned',
        entity: { kind: 'Instance' },
        target: { type: 'IpAddress', id: null, details: '192.0.2.1' },
        message: 'Banned',
        author: { kind: 'Unauthenticated', id: undefined, name: 'An unauthenticated user' },
        address: undefined,
        at: now,
      },
    ])
    await trail.settled()
    const limits = openLimits(limitsFileOf(temporary.file))
    limits.tries.add('192.0.2.1', now, now + hour)
    limits.tries.ban('192.0.2.1', now, now + hour)
    limits.requests.count('user:1', now + hour, now)
    limits.close()
    expect(watch.read()).toBe(epoch)
    write("update users set name = 'Alice'")
    expect(watch.read()).toBeGreaterThan(epoch)
  })
})
