import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { FileShrank } from '../backup/archive-writer.ts'
import { type BackupEvent, backUp, type MadeBackup } from '../backup/back-up.ts'
import { TooManyRefs } from '../backup/look.ts'
import { inHome, type Settings } from '../config.ts'
import type { AuditNote } from '../core/audit.ts'
import { Repositories } from '../git/repositories.ts'
import { unlessAbsent } from '../git/system-errors.ts'
import { JobFiles } from '../store/ci/job-files.ts'
import { type FileLock, isLocked, tryLock } from '../store/file-lock.ts'
import { version } from '../version.ts'
import { backupEventInWords, backupInWords, inCode, pathOf } from './backup-words.ts'
import { takeMaintenanceLock } from './maintenance-lock.ts'
import { inOpenedHome } from './opened-home.ts'
import { lines, type Output } from './output.ts'
import { teller } from './progress.ts'
import { Refused } from './refused.ts'
import { untilStopped } from './until-stopped.ts'

/** Of a server that runs, no write waits longer for the moment, in milliseconds; it would be a fault after ten seconds. */
const mostHeld = 8_000

const made = ({ parts, refs }: MadeBackup, file: string): AuditNote => ({
  name: 'instance_backed_up',
  entity: { kind: 'Instance' },
  target: { type: 'Backup', id: null, details: file },
  message: `A backup was made: ${parts.length} parts, ${refs} refs`,
})

/** What a person can mend is one line. */
const inPersonsWords = (fault: unknown, file: string, signal: AbortSignal): unknown => {
  if (signal.aborted) return new Refused('stopped; there is no backup')
  if (fault instanceof TooManyRefs) {
    return new Refused(`there are too many refs to be read within ${mostHeld / 1000} s; stop the server for the backup`)
  }
  if (fault instanceof FileShrank) return new Refused(`${fault.message}; try again`)
  const code = inCode(fault)
  if (code === 'EEXIST') return new Refused(`${file} is there already; a backup is a new file`)
  if (code === undefined) return fault
  const path = pathOf(fault)
  // Else it is something of the home, that was to be read.
  const isTarget = path === undefined || path.startsWith(file) || path.startsWith(join(dirname(file), '.sallyport-backup-'))
  return new Refused(isTarget ? `${file} cannot be written (${code})` : `${path} cannot be read (${code})`)
}

/** For a server that only asks whether a backup is made, in milliseconds. */
const patience = 100

const takeBackupLock = (settings: Settings): FileLock => {
  const lock = tryLock(inHome(settings, 'backup.lock'), patience)
  if (lock === undefined) throw new Refused('another backup of this home is being made')
  return lock
}

/** What the administrator of the machine makes in a server's home could not be opened by that server: its locks would hold nothing. */
const requireOwner = async (database: string): Promise<void> => {
  const owner = (await unlessAbsent(stat(database)))?.uid
  if (process.geteuid?.() !== 0 || owner === undefined || owner === 0) return
  throw new Refused(`${database} belongs to the user with the number ${owner}; run this as that user`)
}

const makeOne = async (settings: Settings, file: string, signal: AbortSignal): Promise<MadeBackup> => {
  const repositories = new Repositories(inHome(settings, 'repos'))
  const home = {
    database: inHome(settings, settings.database),
    keys: inHome(settings, 'keys'),
    jobs: new JobFiles(inHome(settings, 'jobs')),
    repositories,
    version,
    mostHeld: isLocked(inHome(settings, 'sallyport.lock')) ? mostHeld : Number.POSITIVE_INFINITY,
  }
  const backupLock = takeBackupLock(settings)
  try {
    const maintenanceLock = await takeMaintenanceLock(settings, signal)
    return await backUp(home, file, teller<BackupEvent>(settings.json === true, backupEventInWords), signal).finally(() =>
      maintenanceLock.close(),
    )
  } finally {
    backupLock.close()
    // Repositories that were removed meanwhile had to stay.
    await repositories.sweepRemoved()
  }
}

/** Writes a backup of the home, on which a server may run. Throws `Refused`. */
export const makeBackup = async (settings: Settings, name: string): Promise<Output> => {
  await requireOwner(inHome(settings, settings.database))
  return inOpenedHome(settings, async (home) => {
    const file = resolve(name)
    const signal = untilStopped()
    const backup = await makeOne(settings, file, signal).catch((fault: unknown) => {
      throw inPersonsWords(fault, file, signal)
    })
    home.audit([made(backup, file)])
    if (backup.missing.length > 0) {
      process.exitCode = 1
      console.error(`sallyport: of these projects there is no repository: ${backup.missing.join(', ')}`)
    }
    if (!settings.json) return lines([backupInWords(backup, file)])
    const { parts, ...told } = backup
    return `${JSON.stringify({ kind: 'done', file, ...told, parts: parts.length })}\n`
  })
}
