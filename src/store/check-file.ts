import Database from 'better-sqlite3'

/** A file that cannot be the database of a server: SQLite's own words. */
export class BrokenDatabase extends Error {}

/** Complaints that are told; there may be one for each row. */
const mostTold = 5

/** Throws `BrokenDatabase` where a file is damaged, or a row names another one that is not there. Changes nothing. */
export const checkDatabaseFile = (file: string): void => {
  try {
    const database = new Database(file, { fileMustExist: true, readonly: true })
    try {
      const found = database.pragma(`integrity_check(${mostTold})`, { simple: true })
      if (found !== 'ok') throw new BrokenDatabase(String(found))
      const orphans = database.pragma('foreign_key_check')
      if (Array.isArray(orphans) && orphans.length > 0)
        throw new BrokenDatabase(`${orphans.length} rows name others that are missing`)
    } finally {
      database.close()
    }
  } catch (fault) {
    throw fault instanceof BrokenDatabase ? fault : new BrokenDatabase(fault instanceof Error ? fault.message : String(fault))
  }
}
