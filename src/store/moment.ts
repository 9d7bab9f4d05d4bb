import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { activityFileOf } from './activity/file.ts'

/** How long it is tried to keep others from writing, in milliseconds. */
const patience = 30_000
const betweenTries = 5

/** What both database files were at one moment, for as long as it is open. */
export interface Moment<Seen> {
  /** What was seen beside the database while nobody could write to it. */
  readonly seen: Seen
  /** How long writers had to wait, in milliseconds. */
  readonly held: number
  /** Writes a copy of the first file as it was then. The file must not be there yet. */
  copyTo(file: string): Promise<void>
  copyActivityTo(file: string): Promise<void>
  close(): void
}

const isBusy = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && String(fault.code).startsWith('SQLITE_BUSY')

/** The write lock of a database, waited for without holding up this process. */
const holdWriters = async (file: string): Promise<Database.Database> => {
  const holder = new Database(file, { fileMustExist: true, timeout: 0 })
  const until = performance.now() + patience
  for (;;) {
    try {
      holder.exec('begin immediate')
      return holder
    } catch (fault) {
      if (!isBusy(fault) || performance.now() > until) {
        holder.close()
        throw fault
      }
      await pause(betweenTries)
    }
  }
}

/** A connection that goes on to see what the file holds now. */
const openSnapshot = (file: string): Database.Database => {
  const snapshot = new Database(file, { fileMustExist: true, timeout: patience })
  snapshot.exec('begin')
  // A transaction sees nothing before its first question.
  snapshot.prepare('select count(*) from sqlite_master').get()
  return snapshot
}

/** Pages of one step; between two of them others have their turn. */
const pagesAtOnce = 512

const copy = async (snapshot: Database.Database, file: string): Promise<void> => {
  await snapshot.backup(file, { progress: () => pagesAtOnce })
  const made = new Database(file, { fileMustExist: true })
  // One file, without another one that would belong to it.
  made.pragma('journal_mode = DELETE')
  made.close()
}

/** The numbers of all projects. */
const projectsIn = (snapshot: Database.Database): number[] =>
  snapshot
    .prepare('select id from projects order by id')
    .all()
    .map((row) => Number((row as { id: unknown }).id))

/**
 * Lets nobody write to the first file for as long as `look` takes, and keeps what both files hold then. An event is
 * written after the change that it tells of: so the second file tells of no change that the first one has not.
 */
export const takeMoment = async <Seen>(
  file: string,
  look: (projects: readonly number[]) => Promise<Seen>,
): Promise<Moment<Seen>> => {
  const holder = await holdWriters(file)
  const begun = performance.now()
  const open: Database.Database[] = []
  const close = (): void => {
    for (const snapshot of open.splice(0)) snapshot.close()
  }
  try {
    const main = openSnapshot(file)
    open.push(main)
    const activity = openSnapshot(activityFileOf(file))
    open.push(activity)
    const seen = await look(projectsIn(main))
    return {
      seen,
      held: performance.now() - begun,
      copyTo: (target) => copy(main, target),
      copyActivityTo: (target) => copy(activity, target),
      close,
    }
  } catch (fault) {
    close()
    throw fault
  } finally {
    holder.close()
  }
}
