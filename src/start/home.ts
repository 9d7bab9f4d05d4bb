import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { WrongSetting } from '../config.ts'

/** The folders and files of a home. */
export interface Home {
  readonly directory: string
  readonly repositories: string
  readonly keys: string
  /** Logs and artifacts of jobs. */
  readonly jobs: string
}

export const homeAt = (directory: string): Home => ({
  directory,
  repositories: join(directory, 'repos'),
  keys: join(directory, 'keys'),
  jobs: join(directory, 'jobs'),
})

/** Folders that are not there yet, from the outermost to the folder itself. Node's own way never ends below `/proc`. */
const missingAbove = (directory: string): string[] => {
  const missing: string[] = []
  for (let at = directory; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at)
  return missing
}

const makeDirectory = (directory: string): void => {
  if (!existsSync(directory)) mkdirSync(directory)
}

/** Makes what is missing. Throws `WrongSetting` where the home cannot be used. */
export const prepareHome = (home: Home): void => {
  try {
    for (const directory of [...missingAbove(home.directory), home.repositories, home.keys, home.jobs]) makeDirectory(directory)
  } catch (fault) {
    throw new WrongSetting(`SALLYPORT_HOME: ${home.directory} cannot be used (${fault instanceof Error ? fault.message : fault})`)
  }
}

const isBusy = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && String(fault.code).startsWith('SQLITE_BUSY')

/**
 * Holds the home for this process until it ends, however it ends: an exclusive lock of SQLite on a file of its own,
 * which the kernel drops with the process. Throws `WrongSetting` where another server holds it.
 */
export const lockHome = (home: Home): Database.Database => {
  const lock = new Database(join(home.directory, 'sallyport.lock'), { timeout: 0 })
  try {
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('begin exclusive')
    return lock
  } catch (fault) {
    if (!isBusy(fault)) throw fault
    throw new WrongSetting(`SALLYPORT_HOME: another server runs on ${home.directory}; stop it, or give --home another folder`)
  }
}
