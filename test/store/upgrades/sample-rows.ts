import type Database from 'better-sqlite3'
import { Secret } from '../../../src/core/secret.ts'
import { type ChainedRow, chainDigest, chainStart } from '../../../src/store/activity/chain.ts'
import { digestOf } from '../../../src/tokens/digest.ts'

/** A token of the administrator that is in every sample. */
export const sampleToken = 'glpat-sample-of-an-old-home'

interface Column {
  readonly name: string
  readonly type: string
}

type Row = Readonly<Record<string, string | number | null>>

const time = '2026-01-02T03:04:05.000Z'

const places = (at: number): Row => (at === 1 ? { namespace_id: 1, project_id: null } : { namespace_id: null, project_id: 1 })

/** Rows that have to make sense together; all others only have to be kept. */
const meaningful: Readonly<Record<string, (at: number) => Row>> = {
  users: (at) => ({
    username: at === 1 ? 'root' : 'ada',
    username_key: at === 1 ? 'root' : 'ada',
    name: at === 1 ? 'Administrator' : 'Ada',
    email: `user-${at}@example.com`,
    email_key: `user-${at}@example.com`,
    state: 'active',
    kind: 'human',
    is_admin: at === 1 ? 1 : 0,
    is_external: 0,
    can_create_group: 1,
    projects_limit: 10,
    confirmed_at: time,
    password_hash: null,
    password_expires_at: null,
    bot_project_id: null,
    bot_group_id: null,
  }),
  namespaces: (at) => ({
    kind: 'user',
    lineage: `/${at}/`,
    path: at === 1 ? 'root' : 'ada',
    visibility: 'private',
    parent_id: null,
    owner_id: at,
    archived: 0,
  }),
  projects: () => ({
    visibility: 'private',
    repository_access_level: 'enabled',
    initial_branch: 'main',
    default_branch: 'main',
    archived: 0,
  }),
  routes: (at) => ({ path_key: at === 1 ? 'root' : 'root/kept', path: at === 1 ? 'root' : 'root/kept', ...places(at) }),
  redirects: places,
  members: (at) => ({ user_id: at, access_level: 50, expires_at: null, ...places(at) }),
  keys: (at) => ({ kind: at === 1 ? 'user' : 'deploy', user_id: 1, public: 0, expires_at: null }),
  protected_refs: (at) => ({
    project_id: 1,
    kind: at === 1 ? 'branch' : 'tag',
    name: at === 1 ? 'main' : 'v*',
    allow_force_push: 0,
  }),
  protected_ref_levels: () => ({ action: 'push', access_level: 40, user_id: null, group_id: null, deploy_key_id: null }),
  access_tokens: (at) => ({
    user_id: 1,
    digest: digestOf(new Secret(at === 1 ? sampleToken : 'glpat-of-a-token-that-is-dead')),
    scopes: '["api"]',
    impersonation: 0,
    revoked: at === 1 ? 0 : 1,
    expires_at: null,
    previous_id: null,
  }),
}

const plain = (table: string, { name, type }: Column, at: number): string | number => {
  if (name.endsWith('_at')) return time
  if (type.toLowerCase() === 'integer') return at
  return `${table}-${name}-${at}`
}

const rowOf = (table: string, columns: readonly Column[], at: number): Row => {
  const row = Object.fromEntries(columns.map((column) => [column.name, plain(table, column, at)]))
  return { ...row, ...meaningful[table]?.(at) }
}

const isChained = (table: string, row: Row): row is Row & ChainedRow => table === 'audit_events' && 'digest' in row

/** Two rows; those of the log follow one on the other. */
const rowsOf = (table: string, columns: readonly Column[]): Row[] => {
  let before = chainStart
  return [1, 2].map((at) => {
    const row = rowOf(table, columns, at)
    if (!isChained(table, row)) return row
    before = chainDigest(before, row)
    return { ...row, digest: before }
  })
}

const insert = (database: Database.Database, table: string, row: Row): void => {
  const names = Object.keys(row)
  const text = `insert into ${table} (${names.map((name) => `"${name}"`).join(', ')}) values (${names.map(() => '?').join(', ')})`
  database.prepare(text).run(Object.values(row))
}

const isEmpty = (database: Database.Database, table: string): boolean =>
  database.prepare(`select 1 from ${table} limit 1`).get() === undefined

/** Puts two rows into each table that has none. */
export const fillTables = (database: Database.Database): void => {
  database.pragma('foreign_keys = OFF')
  const tables = database
    .prepare<[], string>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'kysely_%'",
    )
    .pluck()
    .all()
  for (const table of tables.filter((name) => isEmpty(database, name))) {
    const columns = database.prepare<[], Column>(`select name, type from pragma_table_info('${table}')`).all()
    for (const row of rowsOf(table, columns)) insert(database, table, row)
  }
}
