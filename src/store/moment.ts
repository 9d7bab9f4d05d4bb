import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { JobId, ProjectId } from '../core/ids.ts'
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
  copyTo(file: string, signal: AbortSignal): Promise<void>
  copyActivityTo(file: string, signal: AbortSignal): Promise<void>
  /** From now on the files may forget it: as long as it is open, each change makes their journals longer. */
  close(): void
}

/** Of what there is more to be seen than rows. */
export interface Known {
  readonly projects: readonly ProjectId[]
  /** Jobs whose logs grow. */
  readonly running: readonly JobId[]
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

const copy = async (snapshot: Database.Database, file: string, signal: AbortSignal): Promise<void> => {
  const progress = (): number => {
    signal.throwIfAborted()
    return pagesAtOnce
  }
  await snapshot.backup(file, { progress })
  const made = new Database(file, { fileMustExist: true })
  // One file, without another one that would belong to it.
  made.pragma('journal_mode = DELETE')
  made.close()
}

const numbersOf = <Id extends number>(snapshot: Database.Database, question: string): Id[] =>
  snapshot.prepare<[], Id>(question).pluck().all()

const knownIn = (snapshot: Database.Database): Known => ({
  projects: numbersOf<ProjectId>(snapshot, 'select id from projects order by id'),
  running: numbersOf<JobId>(snapshot, "select id from jobs where status in ('running', 'canceling')"),
})

/**
 * Lets nobody write to the first file for as long as `look` takes, and keeps what both files hold then. An event is
 * written after the change that it tells of: so the second file tells of no change that the first one has not.
 */
export const takeMoment = async <Seen>(file: string, look: (known: Known) => Promise<Seen>): Promise<Moment<Seen>> => {
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
    const seen = await look(knownIn(main))
    return {
      seen,
      held: performance.now() - begun,
      copyTo: (target, signal) => copy(main, target, signal),
      copyActivityTo: (target, signal) => copy(activity, target, signal),
      close,
    }
  } catch (fault) {
    close()
    throw fault
  } finally {
    holder.close()
  }
}
