import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { activityFileOf } from '../../../src/store/activity/file.ts'
import { activityMigrations } from '../../../src/store/activity/migrations.ts'
import { verifyChain } from '../../../src/store/activity/verify-chain.ts'
import { migrate, openStore } from '../../../src/store/sqlite.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-chain-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A file as versions before the chain have it, with rows. */
const makeOld = async (file: string, events: number): Promise<void> => {
  const database = new Database(file)
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  await new Migrator({ db, provider: { getMigrations: async () => activityMigrations } }).migrateTo('0002-runner-contacts')
  const insert = database.prepare(
    `insert into audit_events (created_at, name, author_kind, author_name, entity_kind, entity_id, entity_path, target_type, target_id, target_details, message)
     values ('2026-01-01T00:00:00.000Z', 'user_created', 'System', 'System', 'User', ?, 'alice', 'User', '1', '', ?)`,
  )
  database.transaction(() => {
    for (let number = 1; number <= events; number += 1) insert.run(number, `event ${number}`)
  })()
  await db.destroy()
}

test('events that are there become the beginning of the chain, and stay as they are', async () => {
  const file = join(folder, 'sallyport.db')
  await makeOld(activityFileOf(file), 2345)
  const store = openStore(file)
  await migrate(store)
  const { events, faults, head } = await verifyChain(store)
  expect([events, faults, head.id]).toEqual([2345, [], 2345])
  await expect(store.activity.updateTable('audit_events').set({ message: 'x' }).execute()).rejects.toThrow('never changed')
  await store.close()
})
