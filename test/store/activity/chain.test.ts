import Database from 'better-sqlite3'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/core/audit.ts'
import type { UserId } from '../../../src/core/ids.ts'
import { appendEvents } from '../../../src/store/activity/audit-rows.ts'
import { StoredAuditTrail } from '../../../src/store/activity/audit-trail.ts'
import { chainDigest, chainStart } from '../../../src/store/activity/chain.ts'
import { activityFileOf } from '../../../src/store/activity/file.ts'
import { type ChainFault, type ChainHead, verifyChain } from '../../../src/store/activity/verify-chain.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'

let temporary: TemporaryStore
let file: Database.Database

beforeAll(async () => {
  temporary = await temporaryStore()
  file = new Database(activityFileOf(temporary.file))
})

afterAll(async () => {
  file.close()
  await temporary.close()
})

const event = (message: string): AuditEvent => ({
  name: 'personal_access_token_created',
  entity: { kind: 'User', id: 1 as UserId, path: 'alice' },
  target: { type: 'PersonalAccessToken', id: 7, details: 'ci' },
  message,
  author: { kind: 'User', id: 1, name: 'Alice', email: 'alice@example.org' },
  address: '203.0.113.7',
  at: now,
})

const append = (messages: readonly string[]): Promise<void> =>
  temporary.store.activity.transaction().execute((transaction) => appendEvents(transaction, messages.map(event)))

/** What somebody does who may write the file: no trigger stands in the way. */
const tamper = (...statements: string[]): void => {
  const triggers = file.prepare("select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit_events'").all()
  for (const { name } of triggers as { name: string }[]) file.exec(`drop trigger ${name}`)
  for (const statement of statements) file.exec(statement)
  for (const { sql: text } of triggers as { sql: string }[]) file.exec(text)
}

const faults = async (noted?: ChainHead): Promise<readonly ChainFault[]> => (await verifyChain(temporary.store, noted)).faults

beforeEach(async () => {
  tamper('delete from audit_events', "delete from sqlite_sequence where name = 'audit_events'")
  await append(Array.from({ length: 12 }, (_, index) => `event ${index + 1}`))
})

test('a chain as it was written is whole, and its head is told', async () => {
  const { events, head, faults: found } = await verifyChain(temporary.store)
  expect([events, head.id, found]).toEqual([12, 12, []])
  expect(head.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(await faults(head)).toEqual([])
  await append(['one more'])
  expect(await faults(head)).toEqual([])
})

test('the first digest follows on nothing but zeros', async () => {
  const { digest, ...row } = await temporary.store.activity
    .selectFrom('audit_events')
    .selectAll()
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
  expect(digest).toBe(chainDigest(chainStart, row))
})

/** Puts two rows each in the other's place. */
const swap = (one: number, other: number): string[] => [
  `update audit_events set id = -1 where id = ${one}`,
  `update audit_events set id = ${one} where id = ${other}`,
  `update audit_events set id = ${other} where id = -1`,
]

describe('is found', () => {
  test.each<[string, string[], ChainFault[]]>([
    ['a changed word', ["update audit_events set message = 'nothing' where id = 5"], [{ kind: 'changed', id: 5 }]],
    [
      'a changed time',
      ["update audit_events set created_at = '2020-01-01T00:00:00.000Z' where id = 1"],
      [{ kind: 'changed', id: 1 }],
    ],
    ['an address that was taken out', ['update audit_events set ip_address = null where id = 12'], [{ kind: 'changed', id: 12 }]],
    [
      'a changed digest',
      [`update audit_events set digest = '${'0'.repeat(64)}' where id = 5`],
      [
        { kind: 'changed', id: 5 },
        { kind: 'changed', id: 6 },
      ],
    ],
    ['a missing line', ['delete from audit_events where id = 5'], [{ kind: 'missing', from: 5, to: 5 }]],
    ['missing first lines', ['delete from audit_events where id < 4'], [{ kind: 'missing', from: 1, to: 3 }]],
    ['missing last lines', ['delete from audit_events where id > 10'], [{ kind: 'missing', from: 11, to: 12 }]],
    ['all lines missing', ['delete from audit_events'], [{ kind: 'missing', from: 1, to: 12 }]],
    [
      'neighbours that changed places',
      swap(5, 6),
      [
        { kind: 'moved', id: 5, from: 6 },
        { kind: 'moved', id: 6, from: 5 },
      ],
    ],
    [
      'lines that changed places',
      swap(3, 9),
      [
        { kind: 'moved', id: 3, from: 9 },
        { kind: 'moved', id: 9, from: 3 },
      ],
    ],
    [
      'a missing line whose number was given on',
      ['delete from audit_events where id = 5', 'update audit_events set id = id - 1 where id > 5'],
      [{ kind: 'missing', from: 12, to: 12 }],
    ],
  ])('%s', async (_what, statements, expected) => {
    tamper(...statements)
    expect(await faults()).toEqual(expect.arrayContaining(expected))
  })

  test('nothing else, where one line was changed or two changed places', async () => {
    tamper("update audit_events set author_name = 'Bob' where id = 5")
    expect(await faults()).toEqual([{ kind: 'changed', id: 5 }])
    tamper("update audit_events set author_name = 'Alice' where id = 5", ...swap(3, 9))
    expect((await faults()).length).toBe(2)
  })

  test('a chain that was written anew, by a head that was noted', async () => {
    const { head } = await verifyChain(temporary.store)
    tamper('delete from audit_events')
    await append(Array.from({ length: 14 }, (_, index) => `another event ${index + 1}`))
    expect(await faults()).toEqual([])
    expect(await faults(head)).toEqual([{ kind: 'rewritten', id: 12 }])
  })

  test('last lines that are missing with their numbers, by a head that was noted', async () => {
    const { head } = await verifyChain(temporary.store)
    tamper('delete from audit_events where id > 10', "update sqlite_sequence set seq = 10 where name = 'audit_events'")
    expect(await faults()).toEqual([])
    expect(await faults(head)).toEqual([{ kind: 'missing', from: 11, to: 12 }])
  })
})

test('any text comes back as the digest had it', async () => {
  const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), 300)
  await append([...texts, '\ud800 half a pair', 'the other half \udc00', 'a \0 zero', ''])
  expect(await faults()).toEqual([])
})

test('any change of a cell is found', async () => {
  const columns = [
    'name',
    'author_name',
    'author_email',
    'acted_by',
    'entity_path',
    'target_details',
    'message',
    'reason',
    'ip_address',
  ]
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.constantFrom(...columns), fc.string(), async (id, column, text) => {
      const { before } = file.prepare(`select ${column} as before from audit_events where id = ?`).get(id) as {
        before: string | null
      }
      fc.pre(before !== text && !text.includes('\0'))
      const quoted = (value: string | null): string => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`)
      tamper(`update audit_events set ${column} = ${quoted(text)} where id = ${id}`)
      expect(await faults()).toEqual([{ kind: 'changed', id }])
      tamper(`update audit_events set ${column} = ${quoted(before)} where id = ${id}`)
    }),
    { numRuns: 40 },
  )
})

test('writers with connections of their own make one chain', async () => {
  const stores = Array.from({ length: 4 }, () => openStore(temporary.file))
  const trails = stores.map((store) => new StoredAuditTrail(store, { fault() {}, lost() {} }))
  for (let turn = 0; turn < 20; turn += 1) {
    for (const [writer, trail] of trails.entries()) trail.record([event(`writer ${writer}, turn ${turn}`)])
    await Promise.all(trails.map((trail) => trail.settled()))
  }
  await Promise.all(stores.map((store) => store.close()))
  const report = await verifyChain(temporary.store)
  expect([report.events, report.faults]).toEqual([92, []])
})

test('a row that follows on none is not taken in', async () => {
  const rows = sql`insert into audit_events select 14, created_at, name, author_kind, author_id, author_name, author_email, acted_by,
    entity_kind, entity_id, entity_path, target_type, target_id, target_details, message, change_field, change_from, change_to,
    reason, ip_address, digest from audit_events where id = 1`
  await expect(rows.execute(temporary.store.activity)).rejects.toThrow('audit events are chained')
})
