import Database from 'better-sqlite3'

export interface FileLock {
  close(): void
}

const isBusy = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && String(fault.code).startsWith('SQLITE_BUSY')

/**
 * Holds a file for this process until it lets go or ends, however it ends: an exclusive lock of SQLite, which the kernel
 * drops with the process. Undefined where another one holds it.
 * @param patience how long it is tried, in milliseconds; nothing else runs meanwhile
 */
export const tryLock = (file: string, patience = 0): FileLock | undefined => {
  const lock = new Database(file, { timeout: patience })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('begin exclusive')
    return { close: () => void lock.close() }
  } catch (fault) {
    lock.close()
    if (isBusy(fault)) return undefined
    throw fault
  }
}

/** Whether a process holds the file; nothing is made where there is none. */
export const isLocked = (file: string): boolean => {
  let looked: Database.Database | undefined
  try {
    looked = new Database(file, { timeout: 0, readonly: true, fileMustExist: true })
    looked.pragma('schema_version')
    return false
  } catch (fault) {
    if (isBusy(fault)) return true
    if (fault instanceof Error && 'code' in fault && fault.code === 'SQLITE_CANTOPEN') return false
    throw fault
  } finally {
    looked?.close()
  }
}
