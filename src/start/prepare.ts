import type Database from 'better-sqlite3'
import { inHome, type Settings } from '../config.ts'
import { loadServerKeys, type ServerKeys } from '../keys.ts'
import { migrate, openStore } from '../store/sqlite.ts'
import { Passwords } from '../tokens/passwords.ts'
import { ensureRoot } from './first-start.ts'
import { type Home, homeAt, lockHome, prepareHome } from './home.ts'

export interface Prepared {
  readonly home: Home
  readonly keys: ServerKeys
  /** Held for as long as the process lives. */
  readonly lock: Database.Database
  /** The file of a token that is new. */
  readonly newToken: string | undefined
}

/** What one process does before anyone serves: folders, the lock, the schema, keys, the administrator. */
export const prepare = async (settings: Settings): Promise<Prepared> => {
  const home = homeAt(settings.home)
  prepareHome(home)
  const lock = lockHome(home)
  const keys = await loadServerKeys(home.keys)
  const store = openStore(inHome(settings, settings.database))
  try {
    await migrate(store)
    const newToken = await ensureRoot(store, home, new Passwords(), settings, Date.now())
    return { home, keys, lock, newToken }
  } finally {
    await store.close()
  }
}
