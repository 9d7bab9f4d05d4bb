import Database from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { migrations } from './migrations/index.ts'
import { PatientDriver } from './patient-driver.ts'
import type { Schema } from './schema.ts'

class WritingDialect extends SqliteDialect {
  readonly #database: Database.Database

  constructor(database: Database.Database) {
    super({ database })
    this.#database = database
  }

  override createDriver(): PatientDriver {
    return new PatientDriver({ database: this.#database })
  }
}

const open = (file: string): Database.Database => {
  const database = new Database(file, { timeout: 10_000 })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  return database
}

/** A connection whose waiting for other writers is the driver's, not SQLite's. */
const openToWrite = (file: string): Database.Database => {
  const database = open(file)
  database.pragma('busy_timeout = 0')
  return database
}

/** Two connections to one database file: reads never wait for a write transaction of the same process. */
export interface Store {
  readonly read: Kysely<Schema>
  readonly write: Kysely<Schema>
  close(): Promise<void>
}

export const openStore = (file: string): Store => {
  const read = new Kysely<Schema>({ dialect: new SqliteDialect({ database: open(file) }) })
  const write = new Kysely<Schema>({ dialect: new WritingDialect(openToWrite(file)) })
  return {
    read,
    write,
    async close() {
      await read.destroy()
      await write.destroy()
    },
  }
}

/** Brings the schema up to date; one process at a time, before any worker opens the store. */
export const migrate = async (store: Store): Promise<void> => {
  const migrator = new Migrator({ db: store.write, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
