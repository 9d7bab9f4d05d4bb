import type { BackupEvent, MadeBackup } from '../backup/back-up.ts'
import type { Part } from '../backup/contents.ts'
import type { Restored, RestoreEvent } from '../backup/restore.ts'
import { repositoryOf } from '../backup/unpack.ts'
import { bytesInWords } from './maintain-words.ts'
import { counted } from './output.ts'
import type { BytesDone } from './progress.ts'

const partInWords = ({ name, files, bytes }: Part): string => `${name}: ${counted(files, 'file')}, ${bytesInWords(bytes)}`

export const backupEventInWords = (event: Exclude<BackupEvent, BytesDone>): string => {
  if (event.kind === 'part') return partInWords(event.part)
  const { at, held, repositories, refs } = event
  return `the moment is ${at}: ${counted(repositories, 'repository', 'repositories')}, ${refs} refs; nobody could write for ${Math.ceil(held)} ms`
}

export const restoreEventInWords = (event: Exclude<RestoreEvent, BytesDone>): string => {
  if (event.kind === 'heading') return `a backup of ${event.heading.moment}`
  return event.kind === 'part' ? partInWords(event.part) : `repository ${event.repository}: checked`
}

const sumInWords = (parts: readonly Part[]): string => {
  const repositories = parts.filter((part) => repositoryOf(part) !== undefined).length
  return `${counted(repositories, 'repository', 'repositories')}, ${bytesInWords(parts.reduce((sum, { bytes }) => sum + bytes, 0))}`
}

export const backupInWords = ({ moment, parts, refs }: MadeBackup, file: string): string =>
  `${file} holds what was there at ${moment}: ${sumInWords(parts)}, ${counted(refs, 'ref')}. It holds keys: keep it as safe as the server`

export const restoredInWords = ({ heading, parts }: Restored, home: string): string =>
  `${home} is as it was at ${heading.moment}: ${sumInWords(parts)}; all of it was checked`

/** The code of a system call that failed at a file that a person named. */
export const inCode = (fault: unknown): string | undefined => {
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : ''
  return /^(?:E[A-Z0-9]+|SQLITE_[A-Z_]+)$/.test(code) ? code : undefined
}

/** The file at which a system call failed, where it says so. */
export const pathOf = (fault: unknown): string | undefined =>
  fault instanceof Error && 'path' in fault && typeof fault.path === 'string' ? fault.path : undefined
