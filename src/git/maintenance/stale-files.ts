import type { Dirent } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sweepQuarantines } from '../leftovers.ts'
import { unlessAbsent } from '../system-errors.ts'

const hour = 3_600_000

/** A pack that is being written changes all the time; a loose object takes a moment. */
const temporaryIsStale = 24 * hour

/** Git holds a lock while it writes one file: that of a ref, of all packed refs, of an index (Gitaly, `ReferenceLockfileGracePeriod`). */
const lockIsStale = hour

const entriesOf = async (folder: string): Promise<Dirent[]> =>
  (await unlessAbsent(readdir(folder, { withFileTypes: true }))) ?? []

/** What did not change since these times is left over. In milliseconds. */
export interface Stale {
  readonly temporaries: number
  readonly locks: number
}

const staleByAge = (): Stale => ({ temporaries: Date.now() - temporaryIsStale, locks: Date.now() - lockIsStale })

/** Removes a file that has not changed since. */
const removeStale = async (path: string, before: number): Promise<void> => {
  const found = await unlessAbsent(stat(path))
  if (found?.isFile() && found.mtimeMs < before) await rm(path, { force: true })
}

const sweepFolder = async (folder: string, pattern: RegExp, before: number): Promise<void> => {
  for (const entry of await entriesOf(folder)) {
    if (entry.isFile() && pattern.test(entry.name)) await removeStale(join(folder, entry.name), before)
  }
}

const sweepRefs = async (folder: string, before: number): Promise<void> => {
  await sweepFolder(folder, /\.lock$/, before)
  for (const entry of await entriesOf(folder)) if (entry.isDirectory()) await sweepRefs(join(folder, entry.name), before)
}

const objectFolder = /^[0-9a-f]{2}$/

/** Packs without an index are not seen by git: what remained of one that was being removed. */
const sweepHeadless = async (folder: string, before: number): Promise<void> => {
  const names = new Set((await entriesOf(folder)).map(({ name }) => name))
  for (const name of names) {
    const base = /^(pack-[0-9a-f]+)\.(?:pack|rev|mtimes|bitmap)$/.exec(name)?.[1]
    if (base !== undefined && !names.has(`${base}.idx`)) await removeStale(join(folder, name), before)
  }
}

/**
 * Removes what git left in a repository when it was killed: files it was writing, and locks that stand in its way.
 * @param stale what is old enough to be nobody's, where nothing more is known
 */
export const sweepStaleFiles = async (directory: string, { temporaries, locks }: Stale = staleByAge()): Promise<void> => {
  const objects = join(directory, 'objects')
  for (const lock of ['packed-refs.lock', 'packed-refs.new', 'HEAD.lock', 'config.lock']) {
    await removeStale(join(directory, lock), locks)
  }
  await sweepRefs(join(directory, 'refs'), locks)
  await sweepFolder(directory, /^sallyport-maintenance\.json\./, temporaries)
  await sweepFolder(join(objects, 'pack'), /^(?:tmp_|\.tmp-)/, temporaries)
  await sweepFolder(join(objects, 'info/commit-graphs'), /^tmp_/, temporaries)
  for (const lock of ['pack/multi-pack-index.lock', 'info/commit-graphs/commit-graph-chain.lock']) {
    await removeStale(join(objects, lock), locks)
  }
  await sweepHeadless(join(objects, 'pack'), temporaries)
  for (const { name } of await entriesOf(objects)) {
    if (objectFolder.test(name)) await sweepFolder(join(objects, name), /^tmp_obj_/, temporaries)
  }
  await sweepQuarantines(directory, temporaries)
}
