import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Action } from '../../src/core/action.ts'
import type { Principal } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { storedFacts } from '../../src/store/facts.ts'
import { StoredCredentials } from '../../src/store/lookups.ts'
import type { Schema } from '../../src/store/schema.ts'
import type { Store } from '../../src/store/sqlite.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { userWith } from '../access/case.ts'
import { type TemporaryStore, temporaryStore } from './temporary-store.ts'

const many = 100_000

let temporary: TemporaryStore
let database: Database.Database
let reader: Kysely<Schema>
let project: string
const asked: { sql: string; parameters: readonly unknown[] }[] = []

beforeAll(async () => {
  temporary = await temporaryStore()
  database = new Database(temporary.file)
  reader = new Kysely<Schema>({
    dialect: new SqliteDialect({ database }),
    log: ({ query }) => {
      if (query.sql.startsWith('select')) asked.push({ sql: query.sql, parameters: query.parameters })
    },
  })
  fill()
  project = await makeProject(temporary.store)
})

afterAll(async () => {
  await reader?.destroy()
  await temporary?.close()
})

const at = '2026-01-01T00:00:00.000Z'

const fill = (): void => {
  const user = database.prepare(
    `insert into users (username, username_key, name, email, email_key, state, kind, is_admin, is_external, can_create_group, projects_limit, created_at, updated_at)
     values (?, ?, '', ?, ?, 'active', 'human', 0, 0, 1, 10, '${at}', '${at}')`,
  )
  const token = database.prepare(
    `insert into access_tokens (user_id, name, digest, scopes, impersonation, revoked, created_at) values (?, 't', ?, '["api"]', 0, 0, '${at}')`,
  )
  database.transaction(() => {
    for (let index = 1; index <= 1000; index += 1) user.run(`u${index}`, `u${index}`, `u${index}@x`, `u${index}@x`)
    for (let index = 0; index < many; index += 1) token.run((index % 1000) + 1, digestOf(new Secret(`glpat-${index}`)))
  })()
}

/** Steps of the plans of all that was asked since, that read a table from one end to the other. */
const scans = (): string[] =>
  asked.splice(0).flatMap(({ sql, parameters }) => {
    const plan = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return plan.filter(({ detail }) => /^SCAN (?!CONSTANT|\(|.*SUBQUERY)/.test(detail)).map(({ detail }) => `${detail} in ${sql}`)
  })

describe(`with ${many} tokens stored`, () => {
  test('the watch finds a scan where there is one', async () => {
    await reader.selectFrom('access_tokens').where('scopes', '=', 'x').select('id').execute()
    expect(scans()).toEqual([expect.stringContaining('SCAN access_tokens')])
  })

  test('a credential of each kind is found by its index', async () => {
    const lookups = new StoredCredentials(reader, new Passwords(), Date.now)
    expect((await lookups.accessToken(new Secret(`glpat-${many - 1}`)))?.user.username).toBe(`u${((many - 1) % 1000) + 1}`)
    await lookups.accessToken(new Secret('glpat-unknown'))
    await lookups.deployToken(new Secret('gldt-unknown'))
    await lookups.passwordOwner('u7@x', new Secret('wrong'))
    await lookups.key('SHA256:unknown')
    await lookups.role(userWith(), 1 as never)
    expect(asked.length).toBeGreaterThanOrEqual(5)
    expect(scans()).toEqual([])
  })

  test('the facts of a project are found by indexes', async () => {
    asked.splice(0)
    const facts = storedFacts({ ...temporary.store, read: reader }, Date.now)
    const principals: Principal[] = [
      { kind: 'user', user: userWith() },
      { kind: 'deploy-key', id: 1 as never, title: 'x', creator: userWith() },
      { kind: 'anonymous' },
    ]
    for (const principal of principals) {
      await facts.read(principal, project, { kind: 'push', updates: [] })
      await facts.read(principal, 'nowhere/at-all', { kind: 'push', updates: [] })
    }
    expect(asked.length).toBeGreaterThan(10)
    expect(scans()).toEqual([])
  })

  test.each<Action>([
    { kind: 'pull', service: 'upload-pack' },
    { kind: 'push', updates: 'unknown' },
  ])('of a hidden project nobody learns by the clock: as much is asked as of none ($kind)', async (action) => {
    const facts = storedFacts({ ...temporary.store, read: reader }, Date.now)
    const countOf = async (path: string): Promise<number> => {
      asked.splice(0)
      await facts.locate(path)
      await facts.read({ kind: 'anonymous' }, path, action)
      return asked.length
    }
    expect(await countOf(project)).toBe(await countOf('nowhere/at-all'))
  })
})

const makeProject = async (store: Store): Promise<string> => {
  const namespace = await store.write
    .insertInto('namespaces')
    .values({
      kind: 'group',
      lineage: '/1/',
      name: 'g',
      path: 'g',
      description: '',
      visibility: 'private',
      archived: 0,
      project_creation_level: 'developer',
      subgroup_creation_level: 'maintainer',
      created_at: at,
      updated_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const project = await store.write
    .insertInto('projects')
    .values({
      namespace_id: namespace.id,
      name: 'p',
      path: 'p',
      description: '',
      visibility: 'private',
      archived: 0,
      repository_access_level: 'enabled',
      initial_branch: 'main',
      default_branch: 'main',
      created_at: at,
      updated_at: at,
      last_activity_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const rule = await store.write
    .insertInto('protected_refs')
    .values({ project_id: project.id, kind: 'branch', name: 'main', allow_force_push: 0, created_at: at })
    .returning('id')
    .executeTakeFirstOrThrow()
  await store.write
    .insertInto('protected_ref_levels')
    .values({ protected_ref_id: rule.id, action: 'push', group_id: namespace.id })
    .execute()
  await store.write
    .insertInto('routes')
    .values({ path_key: 'g/p', path: 'g/p', namespace_id: null, project_id: project.id })
    .execute()
  return 'g/p'
}
