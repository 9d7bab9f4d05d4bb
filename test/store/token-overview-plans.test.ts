import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { Secret } from '../../src/core/secret.ts'
import { activityFileOf } from '../../src/store/activity/file.ts'
import { findExpiring } from '../../src/store/notices/find.ts'
import type { Schema } from '../../src/store/schema.ts'
import { extendTokens } from '../../src/store/token-extension.ts'
import { expiryDates, type OverviewFilter, selectExtendable, selectOverview } from '../../src/store/token-overview.ts'
import { digestOf } from '../../src/tokens/digest.ts'
import { now, type TemporaryStore, temporaryStore } from './temporary-store.ts'

const many = 10_000

let temporary: TemporaryStore
let database: Database.Database
let reader: Kysely<Schema>
const asked: { sql: string; parameters: readonly unknown[] }[] = []

const at = '2026-01-01T00:00:00.000Z'
const dayAt = (index: number): string => new Date(now + (index % 365) * 86_400_000).toISOString().slice(0, 10)

const fill = (): void => {
  const user = database.prepare(
    `insert into users (username, username_key, name, email, email_key, state, kind, is_admin, is_external, confirmed_at, can_create_group, projects_limit, created_at, updated_at)
     values (?, ?, '', ?, ?, 'active', 'human', 0, 0, '${at}', 1, 10, '${at}', '${at}')`,
  )
  const token = database.prepare(
    `insert into access_tokens (user_id, name, digest, scopes, impersonation, revoked, expires_at, created_at) values (?, 't', ?, '["api"]', 0, 0, ?, '${at}')`,
  )
  const use = database.prepare(
    `insert into activity.credential_usage (kind, credential_id, last_used_at) values ('access-token', ?, ?)`,
  )
  database.transaction(() => {
    for (let index = 1; index <= 1000; index += 1) user.run(`u${index}`, `u${index}`, `u${index}@x`, `u${index}@x`)
    for (let index = 0; index < many; index += 1) {
      const expires = index % 100 === 0 ? null : dayAt(index)
      token.run((index % 1000) + 1, digestOf(new Secret(`glpat-${index}`)), expires)
      if (index % 2 === 0) use.run(index + 1, '2026-02-01T00:00:00.000Z')
    }
  })()
}

beforeAll(async () => {
  temporary = await temporaryStore()
  database = new Database(temporary.file)
  database.prepare('attach database ? as activity').run(activityFileOf(temporary.file))
  reader = new Kysely<Schema>({
    dialect: new SqliteDialect({ database }),
    log: ({ query }) => {
      if (query.sql.startsWith('select')) asked.push({ sql: query.sql, parameters: query.parameters })
    },
  })
  fill()
})

afterAll(async () => {
  await reader?.destroy()
  await temporary?.close()
})

const plans = (): string[] =>
  asked.splice(0).flatMap(({ sql, parameters }) => {
    const plan = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return plan.map(({ detail }) => detail)
  })

test.each<{ what: string; filter: OverviewFilter; index: RegExp }>([
  { what: 'on a day', filter: { expiresOn: dayAt(20) }, index: /access_tokens USING INDEX access_tokens_by_expires_at/ },
  { what: 'in a month', filter: { expiresInMonth: '2026-06' }, index: /access_tokens USING INDEX access_tokens_by_expires_at/ },
  { what: 'without an end', filter: { noExpiry: true }, index: /access_tokens USING INDEX access_tokens_by_expires_at/ },
  { what: 'of a user', filter: { user: 7 as UserId }, index: /access_tokens USING INDEX access_tokens_by_user_id/ },
])(`of ${many} tokens those $what are found by an index`, async ({ filter, index }) => {
  asked.splice(0)
  const rows = await selectOverview(reader, filter, now).limit(21).execute()
  const steps = plans()
  expect(rows.length).toBeGreaterThan(5)
  expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
  expect(steps).toContainEqual(expect.stringMatching(index))
})

test('a page of all, and of those unused, reads tokens by number, and uses by their key', async () => {
  asked.splice(0)
  const rows = await selectOverview(reader, { unusedSince: '2026-03-01T00:00:00.000Z' }, now).limit(21).execute()
  expect(rows).toHaveLength(21)
  const steps = plans()
  expect(steps.filter((step) => /SCAN (?!access_tokens$)/.test(step))).toEqual([])
  expect(steps).toContainEqual(expect.stringMatching(/SEARCH used USING PRIMARY KEY/))
  expect(steps.filter((step) => /TEMP B-TREE/.test(step))).toEqual([])
})

test('the days on which most end, and what is to be extended, are found by the index of days', async () => {
  asked.splice(0)
  expect(await expiryDates(reader, {}, 10, now)).toHaveLength(10)
  await selectExtendable(reader, { expiresOn: dayAt(20) }, now).execute()
  const steps = plans()
  expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
  expect(steps.filter((step) => /access_tokens_by_expires_at/.test(step))).toHaveLength(2)
})

test('a batch of thousands is extended in one go, and the next run of the letters is quick', async () => {
  database.prepare('update access_tokens set expires_at = ? where id <= 5000').run('2026-04-01')
  const rows = await extendTokens(temporary.store, { expiresOn: '2026-04-01' }, '2026-05-01', now)
  expect(rows.length).toBeGreaterThanOrEqual(5000)
  asked.splice(0)
  let found = 0
  for await (const notices of findExpiring(reader, now)) found += notices.length
  expect(found).toBeGreaterThan(5000)
  expect(plans().filter((step) => /^SCAN (?!access_tokens)/.test(step))).toEqual([])
})
