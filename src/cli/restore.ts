import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { admitUpkeep } from '../access/upkeep.ts'
import { BrokenBackup } from '../backup/archive-reader.ts'
import type { Heading } from '../backup/contents.ts'
import { NotEmpty, type Restored, type RestoreEvent, requireEmpty, restore } from '../backup/restore.ts'
import { inHome, type Settings } from '../config.ts'
import type { AuditEvent } from '../core/audit.ts'
import { appendEvents } from '../store/activity/audit-rows.ts'
import { type FileLock, tryLock } from '../store/file-lock.ts'
import { type Store, schemaAge } from '../store/sqlite.ts'
import { inCode, restoredInWords, restoreEventInWords } from './backup-words.ts'
import { lines, type Output } from './output.ts'
import { teller } from './progress.ts'
import { Refused } from './refused.ts'
import { onOneLine } from './terminal-text.ts'
import { untilStopped } from './until-stopped.ts'

const restoredNote = (heading: Heading, now: number): AuditEvent => ({
  name: 'instance_restored',
  entity: { kind: 'Instance' },
  target: { type: 'Backup', id: null, details: heading.moment },
  message: `A backup of ${heading.moment} was restored`,
  author: { kind: 'System', id: undefined, name: 'System' },
  address: undefined,
  at: now,
})

/** In a file of an older version there is no place for it yet. */
const note = async (store: Store, heading: Heading): Promise<void> => {
  if ((await schemaAge(store)) !== 'ours') return
  const event = restoredNote(heading, Date.now())
  await store.activity.transaction().execute((transaction) => appendEvents(transaction, [event]))
}

const inPersonsWords = (fault: unknown, file: string, signal: AbortSignal): unknown => {
  if (signal.aborted) return new Refused('stopped; nothing was restored')
  if (fault instanceof BrokenBackup) return new Refused(`${file} cannot be restored: ${onOneLine(fault.message)}`)
  if (fault instanceof NotEmpty) return new Refused(`${fault.message}; a backup is restored into an empty home`)
  const code = inCode(fault)
  return code === undefined ? fault : new Refused(`${file} cannot be restored (${code})`)
}

const openBackup = async (file: string): Promise<FileHandle> => {
  const handle = await open(file, 'r')
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new Refused(`${file} is no file`)
}

const takeHome = async (settings: Settings): Promise<FileLock> => {
  await requireEmpty(settings.home, inHome(settings, settings.database))
  await mkdir(settings.home, { recursive: true })
  const lock = tryLock(inHome(settings, 'sallyport.lock'))
  if (lock === undefined) throw new Refused(`a server runs on ${settings.home}, or another restore`)
  return lock
}

const restoreInto = async (settings: Settings, file: string, signal: AbortSignal): Promise<Restored> => {
  const source = await openBackup(file)
  try {
    const lock = await takeHome(settings)
    const home = { directory: settings.home, database: inHome(settings, settings.database), admit: admitUpkeep, note }
    return await restore(source, home, teller<RestoreEvent>(settings.json === true, restoreEventInWords), signal).finally(() =>
      lock.close(),
    )
  } finally {
    await source.close()
  }
}

/** What is restored all the same: it was so before, and the rest is wanted. */
const tellFlaws = ({ missing, broken }: Restored): void => {
  if (missing.length + broken.size > 0) process.exitCode = 1
  if (missing.length > 0) console.error(`sallyport: of these projects there is no repository: ${missing.join(', ')}`)
  for (const [id, complaint] of broken) {
    console.error(
      `sallyport: repository ${id} is broken, as it was when it was backed up (${onOneLine(complaint.split('\n')[0] ?? '')})`,
    )
  }
}

/** Unpacks a backup into the home, which has to be empty, and checks it. Throws `Refused`. */
export const restoreBackup = async (settings: Settings, name: string): Promise<Output> => {
  const file = resolve(name)
  const signal = untilStopped()
  // What is made here is for its owner alone.
  process.umask(0o077)
  const restored = await restoreInto(settings, file, signal).catch((fault: unknown) => {
    throw inPersonsWords(fault, file, signal)
  })
  tellFlaws(restored)
  if (!settings.json) return lines([restoredInWords(restored, settings.home)])
  const { heading, parts, missing, broken } = restored
  const told = { kind: 'done', home: settings.home, moment: heading.moment, parts: parts.length, missing }
  return `${JSON.stringify({ ...told, broken: Object.fromEntries(broken) })}\n`
}
