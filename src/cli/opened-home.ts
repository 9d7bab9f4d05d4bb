import { existsSync } from 'node:fs'
import { inHome, type Settings } from '../config.ts'
import type { AuditEvent, AuditNote } from '../core/audit.ts'
import { StoredAuditTrail } from '../store/activity/audit-trail.ts'
import { activityFileOf } from '../store/activity/file.ts'
import { openStore, type Store, schemaAge, UnusableDatabase } from '../store/sqlite.ts'
import { Refused } from './refused.ts'

/** A home that a command looks into. */
export interface OpenedHome {
  readonly store: Store
  readonly now: number
  /** What was done, once it is done: kept before the command ends. */
  audit(notes: readonly AuditNote[]): void
}

const tooOld = (file: string): Refused => new Refused(`${file} is of an older version; start this version's server on it once`)

const tooNew = (file: string): Refused => new Refused(`${file} is of a newer version; use that one, or one that is newer still`)

const open = async (settings: Settings): Promise<Store> => {
  const file = inHome(settings, settings.database)
  if (!existsSync(file)) throw new Refused(`there is no database ${file}; name the home of a server by --home`)
  if (!existsSync(activityFileOf(file))) throw tooOld(file)
  // What SQLite makes beside the file is for its owner alone.
  process.umask(0o077)
  const store = openStore(file)
  const age = await schemaAge(store)
  if (age === 'ours') return store
  await store.close()
  throw age === 'newer' ? tooNew(file) : tooOld(file)
}

/** SQLite says why in a few words of its own: no database, no right to read it, a disk that is full. */
const openOrRefuse = (settings: Settings): Promise<Store> =>
  open(settings).catch((fault: unknown) => {
    if (fault instanceof UnusableDatabase) throw new Refused(`${fault.file} cannot be read (${fault.message})`)
    if (!(fault instanceof Error && 'code' in fault && String(fault.code).startsWith('SQLITE_'))) throw fault
    throw new Refused(`${inHome(settings, settings.database)} cannot be read (${fault.message})`)
  })

const lostNote = (events: readonly AuditEvent[]): void => {
  for (const { name, message } of events) console.error(`sallyport: not in the audit events: ${name}: ${message}`)
}

/** Opens the database of a home that is there, and closes it when the work is done. Throws `Refused` where there is none. */
export const inOpenedHome = async <Result>(settings: Settings, work: (home: OpenedHome) => Promise<Result>): Promise<Result> => {
  const store = await openOrRefuse(settings)
  const trail = new StoredAuditTrail(store, { fault() {}, lost: lostNote })
  const now = Date.now()
  const author = { kind: 'System', id: undefined, name: 'System' } as const
  try {
    return await work({
      store,
      now,
      audit: (notes) => trail.record(notes.map((note) => ({ ...note, author, address: undefined, at: now }))),
    })
  } finally {
    await trail.stop()
    await store.close()
  }
}
