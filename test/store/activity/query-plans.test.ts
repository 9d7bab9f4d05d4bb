import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserId } from '../../../src/core/ids.ts'
import { filterTokens } from '../../../src/http/api/tokens/token-list.ts'
import { selectTokens } from '../../../src/store/access-tokens.ts'
import { type AuditScope, auditEventById, auditEvents, newestFirst } from '../../../src/store/activity/audit-list.ts'
import { activityFileOf } from '../../../src/store/activity/file.ts'
import { lastUses } from '../../../src/store/activity/last-uses.ts'
import { saveUses } from '../../../src/store/activity/usage-rows.ts'
import type { Schema } from '../../../src/store/schema.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'

const many = 50_000

let temporary: TemporaryStore
let database: Database.Database
let reader: Kysely<Schema>
const asked: { sql: string; parameters: readonly unknown[] }[] = []

beforeAll(async () => {
  temporary = await temporaryStore()
  await fill()
  database = new Database(temporary.file)
  database.prepare('attach database ? as activity').run(activityFileOf(temporary.file))
  reader = new Kysely<Schema>({
    dialect: new SqliteDialect({ database }),
    log: ({ query }) => void asked.push({ sql: query.sql, parameters: query.parameters }),
  })
})

afterAll(async () => {
  await reader?.destroy()
  await temporary?.close()
})

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()

const fill = async (): Promise<void> => {
  const events = new Database(activityFileOf(temporary.file))
  const event = events.prepare(
    `insert into audit_events (id, digest, created_at, name, author_kind, author_id, author_name, entity_kind, entity_id, entity_path, target_type, target_id, target_details, message)
     values (?, ?, ?, 'x', 'User', ?, '', ?, ?, '', '', '1', '', '')`,
  )
  const use = events.prepare("insert into credential_usage values ('access-token', ?, ?)")
  events.transaction(() => {
    for (let index = 0; index < many; index += 1) {
      event.run(index + 1, 'f'.repeat(64), at(now + index), index % 50, ['User', 'Project', 'Group'][index % 3], index % 500)
    }
    for (let index = 1; index <= 10_000; index += 2) use.run(index, at(now + index))
  })()
  events.close()
  const store = new Database(temporary.file)
  const token = store.prepare(
    `insert into access_tokens (user_id, name, digest, scopes, impersonation, revoked, created_at) values (?, 't', ?, '["api"]', 0, 0, ?)`,
  )
  const users = await Promise.all(['a', 'b', 'c'].map((name) => temporary.user(name)))
  store.transaction(() => {
    for (let index = 1; index <= 10_000; index += 1) token.run(users[index % 3]?.id, String(index), at(now))
  })()
  store.close()
}

/** The plans of all that was asked since. */
const plans = (): string[] =>
  asked.splice(0).flatMap(({ sql, parameters }) => {
    const plan = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return plan.map(({ detail }) => detail)
  })

/** Milliseconds that some work takes. */
const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const everything: AuditScope = { kind: undefined, id: undefined, author: undefined, from: undefined, to: undefined }

const scopes: readonly (readonly [string, Partial<AuditScope>])[] = [
  ['the instance', {}],
  ['the instance since a time', { from: at(now + many / 2) }],
  ['the instance until a time', { to: at(now + 10) }],
  ['all projects', { kind: 'Project' }],
  ['all projects between times', { kind: 'Project', from: at(now + 10), to: at(now + many / 2) }],
  ['one project', { kind: 'Project', id: 7 }],
  ['one project since a time', { kind: 'Project', id: 7, from: at(now + many / 2) }],
  ['one project by one user', { kind: 'Project', id: 7, author: 7 as UserId }],
]

describe(`of ${many} audit events`, () => {
  test.each(scopes)('a page of those of %s is read along an index, and nothing is sorted', async (_name, scope) => {
    asked.splice(0)
    const query = newestFirst(auditEvents(reader, { ...everything, ...scope })).limit(21)
    const rows = await query.execute()
    expect(rows.map(({ created_at }) => created_at)).toEqual(
      rows
        .map(({ created_at }) => created_at)
        .sort()
        .reverse(),
    )
    const [plan, ...others] = plans()
    expect(others).toEqual([])
    expect(plan).toMatch(/^(?:SEARCH|SCAN) activity.audit_events USING INDEX audit_events_by_/)
    if (Object.keys(scope).length > 0) expect(plan).toMatch(/^SEARCH/)
    expect(await timeOf(() => query.execute())).toBeLessThan(50)
  })

  test('one is found by its number, within its scope', async () => {
    asked.splice(0)
    expect(await auditEventById(reader, { ...everything, kind: 'Project', id: 7 }, 8)).toMatchObject({ id: 8 })
    expect(await auditEventById(reader, { ...everything, kind: 'Project', id: 8 }, 8)).toBeUndefined()
    expect(plans()).toEqual(Array(2).fill('SEARCH activity.audit_events USING INTEGER PRIMARY KEY (rowid=?)'))
  })
})

describe('of 10,000 tokens, half of them used', () => {
  const filters = { last_used_after: undefined, last_used_before: undefined } as Parameters<typeof filterTokens>[1]

  test.each([
    ['used lately', { last_used_after: at(now + 9990) }, [9999, 9997, 9995, 9993, 9991].reverse()],
    ['not used for long', { last_used_before: at(now + 5) }, [1, 3, 5]],
    ['in the order of use', { sort: 'last_used_asc' }, [1, 3, 5, 7, 9]],
    ['in the other order: those never used first', { sort: 'last_used_desc' }, [10_000, 9998, 9996, 9994, 9992]],
  ] as const)('those %s are found in one query, with a look into the other file by key', async (_name, filter, ids) => {
    asked.splice(0)
    const query = filterTokens(selectTokens(reader), { ...filters, ...filter }, now).limit(5)
    expect((await query.execute()).map(({ id }) => id)).toEqual(ids)
    expect(asked).toHaveLength(1)
    expect(plans().join('\n')).toMatch(/SEARCH used USING (?:PRIMARY KEY|COVERING INDEX \w+)/)
    expect(await timeOf(() => query.execute())).toBeLessThan(500)
  })

  test('the uses of one page are found by key', async () => {
    asked.splice(0)
    const uses = await lastUses(reader, 'access-token', [1, 2, 3])
    expect([...uses.keys()]).toEqual([1, 3])
    expect(plans().every((step) => !step.startsWith('SCAN'))).toBe(true)
  })

  test('a use is written by key', async () => {
    const statements: string[] = []
    const writer = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: new Database(activityFileOf(temporary.file)) }),
      log: ({ query }) => void statements.push(query.sql),
    })
    await saveUses({ activity: writer as never }, [{ kind: 'access-token', id: 1, at: now, time: true, address: 'a' }])
    await writer.destroy()
    const file = new Database(activityFileOf(temporary.file))
    const steps = statements
      .filter((sql) => /^(?:insert|delete)/.test(sql))
      .flatMap((sql) => file.prepare(`explain query plan ${sql}`).all(...Array(sql.split('?').length - 1).fill(1)))
    file.close()
    expect(steps.filter((step) => (step as { detail: string }).detail.startsWith('SCAN'))).toEqual([])
  })
})
