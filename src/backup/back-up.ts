import { mkdtemp, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ProjectId } from '../core/ids.ts'
import { type Repositories, repositoryConfig } from '../git/repositories.ts'
import { lastingFiles, openLasting } from '../git/repository-copy.ts'
import { unlessAbsent } from '../git/system-errors.ts'
import type { JobFiles } from '../store/ci/job-files.ts'
import { JobsThen } from '../store/ci/jobs-then.ts'
import { type Moment, takeMoment } from '../store/moment.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { formatNumber, type Heading, type Part } from './contents.ts'
import { logLengths, writeJobFiles } from './job-copies.ts'
import { type ArchiveEvent, listening } from './listening.ts'
import { type Look, RefNotes, readKeys } from './look.ts'
import { makeWhole } from './new-file.ts'
import { keyPlace, places, repositoryPlace } from './places.ts'

/** What a backup is made of. */
export interface BackedUpHome {
  readonly database: string
  readonly keys: string
  readonly jobs: JobFiles
  readonly repositories: Repositories
  /** Of the program. */
  readonly version: string
  /** How long a server may be kept from writing, in milliseconds. */
  readonly mostHeld: number
}

export type BackupEvent =
  | {
      readonly kind: 'moment'
      readonly at: string
      /** How long nobody could write, in milliseconds. */
      readonly held: number
      readonly repositories: number
      readonly refs: number
      /** All refs stood so at one instant. */
      readonly one_instant: boolean
    }
  | ArchiveEvent

export interface MadeBackup {
  readonly moment: string
  readonly parts: readonly Part[]
  readonly refs: number
  /** Projects whose repository is not on disk. */
  readonly missing: readonly ProjectId[]
}

interface Making {
  readonly home: BackedUpHome
  readonly writer: ArchiveWriter
  readonly moment: Moment<Look>
  readonly notes: RefNotes
  readonly folder: string
  readonly signal: AbortSignal
}

const copyFile = async (writer: ArchiveWriter, place: string, file: string): Promise<void> => {
  const handle = await open(file, 'r')
  await writer.copy(place, handle).finally(() => handle.close())
}

/** The files of jobs come right behind the database, whose copy says which of them were there. */
const writeDatabases = async ({ home, writer, moment, folder, signal }: Making): Promise<void> => {
  const [database, activity] = [join(folder, places.database), join(folder, places.activity)]
  await moment.copyActivityTo(activity, signal)
  await copyFile(writer, places.activity, activity)
  await rm(activity)
  await moment.copyTo(database, signal)
  moment.close()
  await copyFile(writer, places.database, database)
  const then = new JobsThen(database)
  try {
    await writeJobFiles({ writer, files: home.jobs, lengths: moment.seen.logs, then, signal })
  } finally {
    then.close()
  }
  await rm(database)
}

const writeRepository = async ({ home, writer, moment, notes }: Making, id: ProjectId): Promise<void> => {
  const seen = moment.seen.repositories.get(id)
  if (seen === undefined) return
  const place = repositoryPlace(id)
  const whereNow = (): Promise<string> => home.repositories.whereNow(id)
  const now = Date.now() / 1000
  await writer.add(`${place}/HEAD`, seen.head, now)
  await writer.add(`${place}/config`, Buffer.from(repositoryConfig), now)
  await writer.add(`${place}/packed-refs`, await notes.readNoted(seen), now)
  // Between two looks it may be taken out of reach; there it stays.
  const files = (await unlessAbsent(whereNow().then(lastingFiles))) ?? (await lastingFiles(await whereNow()))
  for (const name of files) {
    const handle = await openLasting(whereNow, name)
    await writer.copy(`${place}/${name}`, handle).finally(() => handle.close())
  }
}

const refsIn = (look: Look): number => [...look.repositories.values()].reduce((sum, { count }) => sum + count, 0)

const write = async (making: Making, heading: Heading): Promise<MadeBackup> => {
  const { writer, moment, signal } = making
  await writer.begin(heading)
  for (const { name, content, changedAt } of moment.seen.keys) await writer.add(keyPlace(name), content, changedAt)
  await writeDatabases(making)
  for (const id of moment.seen.repositories.keys()) {
    signal.throwIfAborted()
    await writeRepository(making, id)
  }
  const parts = await writer.finish(Date.now())
  return { moment: heading.moment, parts, refs: refsIn(moment.seen), missing: moment.seen.missing }
}

/** The moment: nobody writes to the database while the keys and all refs are read. */
const take = async (
  home: BackedUpHome,
  notes: RefNotes,
  signal: AbortSignal,
): Promise<Moment<Look> & { readonly at: string }> => {
  await notes.readAhead(signal)
  let at = ''
  const moment = await takeMoment(home.database, async ({ projects, running }) => {
    at = new Date().toISOString()
    const [keys, logs] = [await readKeys(home.keys), await logLengths(home.jobs, running)]
    return { keys, logs, ...(await notes.readNow(projects, performance.now() + home.mostHeld)) }
  })
  return { ...moment, at }
}

/**
 * Writes a backup of a home on which a server may run. It holds what the databases, the keys and all refs were at one
 * moment, at which nobody could write to the database; objects are copied after it, since those that a ref leads to are
 * there before the ref is, and stay as they are. So nothing may be packed anew, pruned or deleted meanwhile: the caller
 * holds the locks that see to that.
 */
export const backUp = (
  home: BackedUpHome,
  file: string,
  heard: (event: BackupEvent) => void,
  signal: AbortSignal,
): Promise<MadeBackup> =>
  makeWhole(file, async (handle) => {
    const folder = await mkdtemp(join(dirname(file), '.sallyport-backup-'))
    const note = await open(join(folder, 'refs'), 'wx+', 0o600)
    let moment: Awaited<ReturnType<typeof take>> | undefined
    try {
      const notes = new RefNotes(home.repositories, note)
      moment = await take(home, notes, signal)
      const { seen, held, at } = moment
      const { repositories, isOneInstant } = seen
      heard({ kind: 'moment', at, held, repositories: repositories.size, refs: refsIn(seen), one_instant: isOneInstant })
      const writer = new ArchiveWriter(handle, listening(heard), signal)
      const heading = { format: formatNumber, version: home.version, moment: at }
      return await write({ home, writer, moment, notes, folder, signal }, heading)
    } finally {
      moment?.close()
      await note.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
