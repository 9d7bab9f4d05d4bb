import { copyFile, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Upkeep } from '../access/upkeep.ts'
import type { ProjectId } from '../core/ids.ts'
import { syncDirectory } from '../git/durable-files.ts'
import { codeOf, unlessAbsent } from '../git/system-errors.ts'
import { activityFileOf } from '../store/activity/file.ts'
import type { Store } from '../store/sqlite.ts'
import { ArchiveReader } from './archive-reader.ts'
import { checkRepositories, type Flaws, openChecked } from './check.ts'
import type { Heading, Part } from './contents.ts'
import { type ArchiveEvent, listening } from './listening.ts'
import { places, unfinishedRestore } from './places.ts'
import { unpack } from './unpack.ts'

/** Where a backup is to be unpacked. */
export interface EmptyHome {
  readonly directory: string
  /** May be elsewhere. */
  readonly database: string
  /** Gives leave to let git look at a repository. */
  readonly admit: (repository: ProjectId) => Upkeep
  /** Is called once all is checked, before anything is in its place. */
  readonly note: (store: Store, heading: Heading) => Promise<void>
}

export type RestoreEvent =
  | { readonly kind: 'heading'; readonly heading: Heading }
  | ArchiveEvent
  | { readonly kind: 'checked'; readonly repository: ProjectId }

export interface Restored extends Flaws {
  readonly heading: Heading
  readonly parts: readonly Part[]
}

/** There is something already where the backup would go. */
export class NotEmpty extends Error {}

/** What a home may hold before: the lock that is held meanwhile, and what an earlier restore left. */
const isOurs = (name: string): boolean => /^(?:sallyport\.lock(?:-journal)?|restoring|lost\+found)$/.test(name)

/** Throws `NotEmpty`. */
export const requireEmpty = async (directory: string, database: string): Promise<void> => {
  const names = (await unlessAbsent(readdir(directory))) ?? []
  const other = names.find((name) => !isOurs(name))
  if (other !== undefined) throw new NotEmpty(`${directory} is not empty (it holds ${JSON.stringify(other)})`)
  for (const file of [database, activityFileOf(database)]) {
    if ((await unlessAbsent(stat(file))) !== undefined) throw new NotEmpty(`${file} is there already`)
  }
}

/** To another disk, where the database is to lie on one. */
const move = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to)
  } catch (fault) {
    if (codeOf(fault) !== 'EXDEV') throw fault
    await copyFile(from, to)
    const handle = await open(to, 'r+')
    await handle.sync().finally(() => handle.close())
  }
  await syncDirectory(dirname(to))
}

/** The database comes last: with it, a server could start. */
const place = async (folder: string, { directory, database }: EmptyHome): Promise<void> => {
  for (const name of ['keys', 'jobs', 'repos']) await unlessAbsent(move(join(folder, name), join(directory, name)))
  await mkdir(dirname(database), { recursive: true })
  await move(join(folder, places.activity), activityFileOf(database))
  await move(join(folder, places.database), database)
}

const check = async (
  folder: string,
  home: EmptyHome,
  heading: Heading,
  heard: (event: RestoreEvent) => void,
  signal: AbortSignal,
): Promise<Flaws> => {
  const store = await openChecked(folder)
  try {
    const checked = (repository: ProjectId): void => heard({ kind: 'checked', repository })
    const flaws = await checkRepositories(store, folder, home.admit, checked, signal)
    await home.note(store, heading)
    return flaws
  } finally {
    await store.close()
  }
}

/**
 * Unpacks a backup into an empty home and checks it: that it is whole and as it was written, the databases, the sealing
 * key, and every repository by `git fsck`. Until all is checked, it lies in a folder that keeps a server from starting;
 * where it does not come so far, nothing remains. Throws `BrokenBackup`.
 */
export const restore = async (
  source: FileHandle,
  home: EmptyHome,
  heard: (event: RestoreEvent) => void,
  signal: AbortSignal,
): Promise<Restored> => {
  const reader = new ArchiveReader(source, listening(heard), signal)
  const heading = await reader.heading()
  heard({ kind: 'heading', heading })
  const folder = join(home.directory, unfinishedRestore)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o700 })
  let isChecked = false
  try {
    const parts = await unpack(reader, folder)
    const flaws = await check(folder, home, heading, heard, signal)
    isChecked = true
    await place(folder, home)
    await rm(folder, { recursive: true })
    return { heading, parts, ...flaws }
  } finally {
    // What could not be put in its place stays: a server that starts on half of it would make the other half anew.
    if (!isChecked) await rm(folder, { recursive: true, force: true })
    await syncDirectory(home.directory)
  }
}
