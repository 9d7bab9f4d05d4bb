import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unfinishedRestore } from '../backup/places.ts'
import { WrongSetting } from '../config.ts'
import { type FileLock, tryLock } from '../store/file-lock.ts'

/** The folders and files of a home. */
export interface Home {
  readonly directory: string
  readonly repositories: string
  readonly keys: string
  /** Logs and artifacts of jobs. */
  readonly jobs: string
  /** Names repositories that took a push and were not looked after since. */
  readonly pushed: string
  /** Held by the process that looks after a repository. */
  readonly maintenanceLock: string
  /** Held by the process that makes a backup. */
  readonly backupLock: string
  /** Answers to fetches that are kept for others. */
  readonly fetches: string
}

export const homeAt = (directory: string): Home => ({
  directory,
  repositories: join(directory, 'repos'),
  keys: join(directory, 'keys'),
  jobs: join(directory, 'jobs'),
  pushed: join(directory, 'pushed'),
  maintenanceLock: join(directory, 'maintenance.lock'),
  backupLock: join(directory, 'backup.lock'),
  fetches: join(directory, 'cache', 'fetch'),
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

/** Half a restored home would be completed with new keys and a new database. */
const refuseUnfinished = ({ directory }: Home): void => {
  if (!existsSync(join(directory, unfinishedRestore))) return
  throw new WrongSetting(`SALLYPORT_HOME: a restore into ${directory} is under way, or did not end; empty it and restore again`)
}

/** Makes what is missing. Throws `WrongSetting` where the home cannot be used. */
export const prepareHome = (home: Home): void => {
  refuseUnfinished(home)
  try {
    for (const directory of [...missingAbove(home.directory), home.repositories, home.keys, home.jobs]) makeDirectory(directory)
  } catch (fault) {
    throw new WrongSetting(`SALLYPORT_HOME: ${home.directory} cannot be used (${fault instanceof Error ? fault.message : fault})`)
  }
}

/** For a command that only asks whether a server runs, in milliseconds. */
const patience = 100

/**
 * Holds the home for this process until it ends, however it ends. Throws `WrongSetting` where another server holds it.
 */
export const lockHome = (home: Home): FileLock => {
  const lock = tryLock(join(home.directory, 'sallyport.lock'), patience)
  if (lock !== undefined) return lock
  throw new WrongSetting(`SALLYPORT_HOME: another server runs on ${home.directory}; stop it, or give --home another folder`)
}
