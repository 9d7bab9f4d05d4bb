import Database from 'better-sqlite3'
import { Kysely, type Migration, Migrator, SqliteDialect } from 'kysely'

/** Brings a file to the schema of one release, by the migrations up to that one. */
export const migrateUpTo = async (file: string, migrations: Readonly<Record<string, Migration>>, last: string): Promise<void> => {
  const database = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(file) }) })
  try {
    const { error } = await new Migrator({ db: database, provider: { getMigrations: async () => migrations } }).migrateTo(last)
    if (error !== undefined) throw error
  } finally {
    await database.destroy()
  }
}
