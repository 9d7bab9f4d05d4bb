import { sql } from 'kysely'
import type { ProjectId } from '../core/ids.ts'
import type { Reader } from './routes.ts'
import type { Store } from './sqlite.ts'

/** Repositories on disk, as far as it takes to find those that belong to nobody. */
export interface PlacedRepositories {
  /** The numbers of all that are in their place. */
  all(): Promise<readonly ProjectId[]>
  remove(id: ProjectId): Promise<void>
  /** Takes it out of its place, and keeps what it holds. */
  setAside(id: ProjectId): Promise<void>
}

/** Without a project; the newest number that a project ever had, which are given once. */
const strangers = async (
  reader: Reader,
  placed: readonly ProjectId[],
): Promise<{ ids: readonly ProjectId[]; newest: number }> => {
  const known = new Set((await reader.selectFrom('projects').select('id').execute()).map(({ id }) => id))
  const { rows } = await sql<{ seq: number }>`select seq from sqlite_sequence where name = 'projects'`.execute(reader)
  return { ids: placed.filter((id) => !known.has(id)), newest: rows[0]?.seq ?? 0 }
}

/**
 * Ends what was under way when a process was killed. A project whose row is gone was being removed: so is its repository. The
 * next number is that of a project whose row was never kept. Others belong to another database than this one, say one that
 * is older than they are, and stay.
 */
export const settleAbandoned = async (store: Store, repositories: PlacedRepositories): Promise<void> => {
  const placed = await repositories.all()
  if ((await strangers(store.read, placed)).ids.length === 0) return
  // Nobody is making a project or removing one while this holds the lock to write.
  const removed = await store.write.transaction().execute(async (transaction) => {
    const { ids, newest } = await strangers(transaction, await repositories.all())
    for (const id of ids.filter((one) => one === newest + 1)) await repositories.setAside(id)
    return ids.filter((id) => id <= newest)
  })
  for (const id of removed) await repositories.remove(id)
}

/** Projects that have no default branch: empty ones, and such whose first push was not settled. */
export const projectsWithoutBranch = async (reader: Reader): Promise<readonly ProjectId[]> =>
  (await reader.selectFrom('projects').select('id').where('default_branch', 'is', null).execute()).map(({ id }) => id)
