import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrations } from '../../src/store/migrations/index.ts'
import { migrate, openStore, schemaAge } from '../../src/store/sqlite.ts'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sallyport-migrations-'))
  file = join(directory, 'sallyport.db')
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const tablesSeenBy = (database: Database.Database): string[] =>
  database.prepare<[], string>("select name from sqlite_master where type = 'table'").pluck().all()

test('migrations are numbered in one row', () => {
  expect(Object.keys(migrations).map((name) => Number(name.slice(0, 4)))).toEqual(
    Object.keys(migrations).map((_, index) => index + 1),
  )
})

test('migrations that end half way leave nothing, and can be tried again', async () => {
  const inTheWay = new Database(file)
  inTheWay.exec('create table notice_runs (job text)')
  const store = openStore(file)
  try {
    await expect(migrate(store)).rejects.toThrow('notice_runs already exists')
    expect(tablesSeenBy(inTheWay)).not.toContain('users')
    inTheWay.exec('drop table notice_runs')
    await migrate(store)
    expect(tablesSeenBy(inTheWay)).toContain('users')
    expect(await schemaAge(store)).toBe('ours')
  } finally {
    inTheWay.close()
    await store.close()
  }
})
