import Database from 'better-sqlite3'
import { Kysely, type Migration, Migrator, SqliteAdapter, type SqliteDatabase, SqliteDialect, sql } from 'kysely'
import { activityFileOf } from './activity/file.ts'
import { activityMigrations } from './activity/migrations.ts'
import type { ActivitySchema } from './activity/schema.ts'
import { migrations } from './migrations/index.ts'
import { PatientDriver } from './patient-driver.ts'
import { keepPrepared } from './prepared.ts'
import type { Schema } from './schema.ts'

/**
 * SQLite undoes changes of the schema as it undoes others, which Kysely does not make use of: with it, migrations are
 * there whole or not at all, whatever ends the process, and wait for the disk once.
 */
class AtomicSchemaAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class WritingDialect extends SqliteDialect {
  readonly #database: SqliteDatabase

  constructor(database: Database.Database) {
    const prepared = keepPrepared(database)
    super({ database: prepared })
    this.#database = prepared
  }

  override createAdapter(): AtomicSchemaAdapter {
    return new AtomicSchemaAdapter()
  }

  override createDriver(): PatientDriver {
    return new PatientDriver({ database: this.#database })
  }
}

/** One of the files cannot be used. */
export class UnusableDatabase extends Error {
  readonly file: string

  /** @param reason SQLite's own words */
  constructor(file: string, reason: string) {
    super(reason)
    this.file = file
  }
}

const open = (file: string): Database.Database => {
  try {
    const database = new Database(file, { timeout: 10_000 })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    return database
  } catch (fault) {
    throw new UnusableDatabase(file, fault instanceof Error ? fault.message : String(fault))
  }
}

/** A connection whose waiting for other writers is the driver's, not SQLite's. */
const openToWrite = (file: string): Database.Database => {
  const database = open(file)
  database.pragma('busy_timeout = 0')
  return database
}

/** A connection that sees both files, the second one as schema `activity`. */
const openToRead = (file: string): Database.Database => {
  const database = open(file)
  database.prepare('attach database ? as activity').run(activityFileOf(file))
  return database
}

/**
 * Two database files beside each other, and three connections: reads never wait for a write transaction of the same
 * process, and what is written of use and events takes no lock of the first file and leaves its security epoch alone.
 */
export interface Store {
  /** Sees the second file too, so that one query can ask both. */
  readonly read: Kysely<Schema>
  readonly write: Kysely<Schema>
  /** Writes the second file: audit events, and the last use of credentials. */
  readonly activity: Kysely<ActivitySchema>
  close(): Promise<void>
}

export const openStore = (file: string): Store => {
  const write = new Kysely<Schema>({ dialect: new WritingDialect(openToWrite(file)) })
  const activity = new Kysely<ActivitySchema>({ dialect: new WritingDialect(openToWrite(activityFileOf(file))) })
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: keepPrepared(openToRead(file)) }) })
  return {
    read,
    write,
    activity,
    async close() {
      await read.destroy()
      await write.destroy()
      await activity.destroy()
    },
  }
}

const bringUpToDate = async <Tables>(db: Kysely<Tables>, found: Record<string, Migration>): Promise<void> => {
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => found } }).migrateToLatest()
  if (error !== undefined) throw error
}

/** Brings the schema of both files up to date; one process at a time, before any worker opens the store. */
export const migrate = async (store: Store): Promise<void> => {
  await bringUpToDate(store.write, migrations)
  await bringUpToDate(store.activity, activityMigrations)
}

/** How the schema of a file stands to that of this version; none where it has no schema at all. */
type SchemaAge = 'none' | 'older' | 'ours' | 'newer'

const ageOf = async <Tables>(db: Kysely<Tables>, found: Record<string, Migration>): Promise<SchemaAge> => {
  const tables = await sql`select 1 from sqlite_master where name = 'kysely_migration'`.execute(db)
  if (tables.rows.length === 0) return 'none'
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const known = Object.keys(found)
  if (rows.some(({ name }) => !known.includes(name))) return 'newer'
  return rows.length === known.length ? 'ours' : 'older'
}

/** How the schema of the files stands to that of this version; what is told of one of them is told of both. Changes nothing. */
export const schemaAge = async (store: Store): Promise<SchemaAge> => {
  const ages = [await ageOf(store.write, migrations), await ageOf(store.activity, activityMigrations)]
  const told: readonly SchemaAge[] = ['newer', 'none', 'older']
  return told.find((age) => ages.includes(age)) ?? 'ours'
}
