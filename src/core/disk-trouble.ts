/** What is the matter with the disk where a write or a read failed. */
export type DiskTrouble = 'full' | 'read-only' | 'broken'

/** Codes of system calls, and the beginnings of those of SQLite (its "Result and Error Codes"), which adds what failed. */
const codes: readonly (readonly [string, DiskTrouble])[] = [
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['SQLITE_FULL', 'full'],
  ['EROFS', 'read-only'],
  ['SQLITE_READONLY', 'read-only'],
  ['EIO', 'broken'],
  ['SQLITE_IOERR', 'broken'],
  ['SQLITE_CANTOPEN', 'broken'],
]

/** Undefined where a fault is not the disk's. */
export const diskTroubleOf = (fault: unknown): DiskTrouble | undefined => {
  if (!(fault instanceof Error && 'code' in fault && typeof fault.code === 'string')) return undefined
  const { code } = fault
  return codes.find(([known]) => code === known || (known.startsWith('SQLITE_') && code.startsWith(`${known}_`)))?.[1]
}

/** What whoever asked is told. */
export const diskTroubleWords: Readonly<Record<DiskTrouble, string>> = {
  full: 'The disk of the server is full. Try again later.',
  'read-only': 'The disk of the server cannot be written to. Try again later.',
  broken: 'The disk of the server does not work. Try again later.',
}

/** Seconds after which it is worth trying again. */
export const diskTroubleRetry = 30
