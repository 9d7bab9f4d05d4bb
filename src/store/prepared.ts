import type Database from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'

/** Queries differ by their shape, not by their values, so that few texts come again and again. */
const mostKept = 500

/**
 * A connection that prepares each text once: for a small query, preparing costs more than running. Every query is read to
 * its end before the next begins, so that no two share a statement.
 */
export const keepPrepared = (database: Database.Database): SqliteDatabase => {
  const kept = new LRUCache<string, SqliteStatement>({ max: mostKept })
  return {
    prepare(text) {
      const known = kept.get(text)
      if (known !== undefined) return known
      const statement: SqliteStatement = database.prepare(text)
      kept.set(text, statement)
      return statement
    },
    close() {
      kept.clear()
      database.close()
    },
  }
}
