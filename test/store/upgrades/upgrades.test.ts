import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { activityFileOf } from '../../../src/store/activity/file.ts'
import { activityMigrations } from '../../../src/store/activity/migrations.ts'
import { verifyChain } from '../../../src/store/activity/verify-chain.ts'
import { migrations } from '../../../src/store/migrations/index.ts'
import { migrate, openStore, schemaAge } from '../../../src/store/sqlite.ts'
import { schemaOf } from './dump.ts'
import { migrateUpTo } from './old-schema.ts'

const known = { main: migrations, activity: activityMigrations }
type Kind = keyof typeof known

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-upgrades-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const sampleOf = (kind: Kind, name: string): string => readFileSync(join(import.meta.dirname, kind, `${name}.sql`), 'utf8')

const restore = (file: string, sample: string): void => {
  const database = new Database(file)
  database.exec(sample)
  database.close()
}

const upgrade = async (file: string): Promise<void> => {
  const store = openStore(file)
  try {
    // Hundreds of small writes, and nothing that a power cut could take from anyone.
    for (const database of [store.write, store.activity]) await sql`pragma synchronous = off`.execute(database as Kysely<unknown>)
    await migrate(store)
    expect(await schemaAge(store)).toBe('ours')
    expect((await verifyChain(store)).faults).toEqual([])
  } finally {
    await store.close()
  }
}

const reading = <Result>(file: string, read: (database: Database.Database) => Result): Result => {
  const database = new Database(file, { readonly: true })
  try {
    return read(database)
  } finally {
    database.close()
  }
}

/** Counters that every write raises, and the list of migrations itself. */
const isCounter = (table: string): boolean => /^(?:kysely_|security_epoch|job_queue)/.test(table)

type Rows = ReadonlyMap<string, readonly object[]>

const rowsIn = (database: Database.Database): Rows =>
  new Map(
    schemaOf(database)
      .filter(({ type, name }) => type === 'table' && !isCounter(name))
      .map(({ name }) => [name, database.prepare<[], object>(`select * from ${name}`).all()]),
  )

const expectKept = (before: Rows, after: Rows): void => {
  for (const [table, rows] of before) {
    expect(rows.length).toBeGreaterThan(0)
    const kept = rows.map((row) => expect.objectContaining(row))
    expect([table, after.get(table)]).toEqual([table, expect.arrayContaining(kept)])
  }
}

const flaws = (database: Database.Database): unknown => [
  database.pragma('quick_check', { simple: true }),
  ...database.prepare('pragma foreign_key_check').all(),
]

const kinds = [
  ['main', Object.keys(migrations)],
  ['activity', Object.keys(activityMigrations)],
] as const

describe.each(kinds)('the schema of the file %s', (kind, names) => {
  test('has a stored sample of each release; node test/store/upgrades/make.ts writes one that is missing', () => {
    expect(readdirSync(join(import.meta.dirname, kind)).sort()).toEqual(names.map((name) => `${name}.sql`))
  })

  test.each(names)('as it was released as %s is what its migrations still make', async (name) => {
    restore(join(directory, 'sample.db'), sampleOf(kind, name))
    await migrateUpTo(join(directory, 'made.db'), known[kind], name)
    const [sample, made] = ['sample.db', 'made.db'].map((file) => reading(join(directory, file), schemaOf))
    expect(sample).toEqual(made)
  })

  test.each(names)('is brought up to date from %s, and every row stays', async (name) => {
    const main = join(directory, 'sallyport.db')
    const file = kind === 'main' ? main : activityFileOf(main)
    restore(file, sampleOf(kind, name))
    const before = reading(file, rowsIn)
    await upgrade(main)
    await upgrade(join(directory, 'new.db'))
    const fresh = kind === 'main' ? join(directory, 'new.db') : activityFileOf(join(directory, 'new.db'))
    expectKept(before, reading(file, rowsIn))
    expect(reading(file, flaws)).toEqual(['ok'])
    expect(reading(file, schemaOf)).toEqual(reading(fresh, schemaOf))
    await upgrade(main)
    expectKept(before, reading(file, rowsIn))
  })
})
