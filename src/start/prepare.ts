import { inHome, type Settings, WrongSetting } from '../config.ts'
import { diskTroubleOf } from '../core/disk-trouble.ts'
import { emptyFetchCache } from '../git/fetch-cache/empty.ts'
import { loadServerKeys, type ServerKeys } from '../keys.ts'
import { ensureKeyFiles } from '../registry/key-files.ts'
import type { FileLock } from '../store/file-lock.ts'
import { limitsFileOf, prepareLimits } from '../store/limits.ts'
import { migrate, openStore, type Store, UnusableDatabase } from '../store/sqlite.ts'
import { Passwords } from '../tokens/passwords.ts'
import type { Sealer } from '../tokens/seal.ts'
import { ensureRoot } from './first-start.ts'
import { type Home, homeAt, lockHome, prepareHome } from './home.ts'
import { ensureSealer } from './sealing.ts'
import { keepStartNotes, type StartNote } from './start-audit.ts'

export interface Prepared {
  readonly home: Home
  readonly keys: ServerKeys
  readonly sealer: Sealer
  /** Held for as long as the process lives. */
  readonly lock: FileLock
  /** The file of a token that is new. */
  readonly newToken: string | undefined
}

/** Throws `WrongSetting` where the file, or the one beside it, cannot be a database. */
const openGivenStore = (settings: Settings): Store => {
  try {
    return openStore(inHome(settings, settings.database))
  } catch (fault) {
    if (!(fault instanceof UnusableDatabase)) throw fault
    throw new WrongSetting(`SALLYPORT_DATABASE: ${fault.file} cannot be opened (${fault.message})`)
  }
}

/** Throws `WrongSetting` for a schema that this version does not know: it would not know what it breaks. */
const bringUpToDate = async (store: Store, settings: Settings): Promise<void> => {
  try {
    await migrate(store)
  } catch (fault) {
    if (!(fault instanceof Error && fault.message.startsWith('corrupted migrations'))) throw fault
    const file = inHome(settings, settings.database)
    throw new WrongSetting(
      `SALLYPORT_DATABASE: ${file} is of a newer version; start that version's server on it, or one that is newer still`,
    )
  }
}

/** What one process does before anyone serves: folders, the lock, the schema, keys, the administrator. */
export const prepare = async (settings: Settings): Promise<Prepared> => {
  const home = homeAt(settings.home)
  try {
    return await prepareAt(home, settings)
  } catch (fault) {
    if (diskTroubleOf(fault) === undefined || !(fault instanceof Error)) throw fault
    throw new WrongSetting(`SALLYPORT_HOME: ${home.directory} cannot be used (${fault.message})`)
  }
}

const prepareAt = async (home: Home, settings: Settings): Promise<Prepared> => {
  prepareHome(home)
  const lock = lockHome(home)
  // What cannot be removed now lies aside, and is removed at another start.
  emptyFetchCache(home.fetches).catch(() => {})
  const keys = await loadServerKeys(home.keys)
  // A registry is to have its certificates by the time that the doors are open.
  if (settings.registry !== undefined) await ensureKeyFiles(home.keys)
  const store = openGivenStore(settings)
  try {
    await bringUpToDate(store, settings)
    prepareLimits(limitsFileOf(inHome(settings, settings.database)))
    const sealer = await ensureSealer(store, home.keys, Date.now())
    const notes: StartNote[] = []
    const newToken = await ensureRoot(store, home, new Passwords(), settings, Date.now(), (note) => notes.push(note))
    await keepStartNotes(store, notes, Date.now())
    return { home, keys, sealer, lock, newToken }
  } finally {
    await store.close()
  }
}
