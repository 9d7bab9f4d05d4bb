import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { User } from '../../src/core/principal.ts'
import { Secret } from '../../src/core/secret.ts'
import { watchEpoch } from '../../src/store/epoch.ts'
import { rememberUnder } from '../../src/store/epoch-cache.ts'
import { storedFacts } from '../../src/store/facts.ts'
import { StoredCredentials } from '../../src/store/lookups.ts'
import { createProject } from '../../src/store/projects.ts'
import { rememberFacts } from '../../src/store/remembered-facts.ts'
import type { Schema } from '../../src/store/schema.ts'
import type { Store } from '../../src/store/sqlite.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { Passwords } from '../../src/tokens/passwords.ts'
import { makeGroup, recordedShelf, now as start, temporaryStore } from './temporary-store.ts'

export const hour = 3_600_000
export const midnight = Date.parse('2026-03-11T00:00:00.000Z')
export const at = new Date(start).toISOString()
export const accessToken = new Secret('glpat-of-alice-the-developer')
export const botToken = new Secret('glpat-of-the-bot-of-a-group')
export const deployToken = new Secret('gldt-of-the-castle-deployer')
export const fingerprints = { user: 'SHA256:alice', deploy: 'SHA256:deploy' }

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

const projectIn = (store: Store, namespaceId: number, creator: User, path: string) =>
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

type Row = Readonly<Record<string, unknown>>

/**
 * A store with a project (number 1, `castle/yard/gate`), another one (2), alice, a bot, a deploy token and two keys. One
 * process asks it, another writes it.
 */
export const remembering = async () => {
  const temporary = await temporaryStore()
  const other = new Database(temporary.file, { timeout: 10_000 })
  const watch = watchEpoch(temporary.file)
  const passwords = new Passwords()
  let queries = 0
  const read = new Kysely<Schema>({
    dialect: new SqliteDialect({ database: new Database(temporary.file) }),
    log: () => {
      queries += 1
    },
  })
  const store: Store = { ...temporary.store, read }
  const insert = (table: string, row: Row): void => {
    const names = Object.keys(row)
    const sql = `insert into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`
    other.prepare(sql).run(row)
  }
  const write = (sql: string, ...values: unknown[]): void => void other.prepare(sql).run(...values)
  const time = { now: start }
  const clock = () => time.now
  const alice: User = await temporary.user('alice')
  const owner = await temporary.user('owner')
  const castle = await makeGroup(store, owner.id, 'castle')
  const yard = await makeGroup(store, owner.id, 'yard', castle.id)
  await projectIn(store, yard.id, owner, 'gate')
  await projectIn(store, castle.id, owner, 'mill')
  const bot = await temporary.user('bot')
  write("update users set kind = 'project_bot', bot_group_id = ? where id = ?", castle.id, bot.id)
  insert('access_tokens', token(alice.id, accessToken))
  insert('access_tokens', token(bot.id, botToken))
  const deployer = { group_id: castle.id, name: 'd', username: 'deployer', digest: digestOf(deployToken), revoked: 0 }
  insert('deploy_tokens', { ...deployer, scopes: '["read_repository"]', created_at: at })
  insert('keys', key('user', alice.id))
  insert('keys', key('deploy', alice.id))
  return {
    store,
    file: temporary.file,
    watch,
    alice,
    time,
    insert,
    write,
    path: () => String(other.prepare('select path from routes where project_id = 1').pluck().get()),
    /** A process that asks anew each time, or one that answers from what it remembers. */
    process(remembers: boolean) {
      const facts = storedFacts(store, clock)
      if (!remembers) return { lookups: new StoredCredentials(read, passwords, clock), facts }
      const memory = rememberUnder(() => watch.read())
      return { lookups: new StoredCredentials(read, passwords, clock, memory), facts: rememberFacts(facts, clock, memory) }
    },
    /** How many queries a question takes. */
    async costOf(question: () => Promise<unknown>): Promise<number> {
      queries = 0
      await question()
      return queries
    },
    async close() {
      watch.close()
      other.close()
      await read.destroy()
      await temporary.close()
    },
  }
}

export type RememberingHome = Awaited<ReturnType<typeof remembering>>
