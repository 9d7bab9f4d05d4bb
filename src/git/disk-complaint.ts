import { statfs } from 'node:fs/promises'

/** How the C library words what failed (`errno(3)`), with which git ends its lines. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/: No space left on device$/m, 'ENOSPC'],
  [/: Disk quota exceeded$/m, 'EDQUOT'],
  [/: Read-only file system$/m, 'EROFS'],
  [/: Input\/output error$/m, 'EIO'],
]

/** Of a ref that could not be written or synced git does not say why (`write_ref_to_lockfile` in `refs/files-backend.c`). */
const withoutCause = /couldn't (?:write|close) '[^\n]*\.lock'$/m

/** With less room than this, in bytes, a disk is taken to be full. */
const leastRoom = 65_536

const causeOf = async (complaint: string, directory: string): Promise<string | undefined> => {
  const named = causes.find(([words]) => words.test(complaint))?.[1]
  if (named !== undefined || !withoutCause.test(complaint)) return named
  const { bfree, bsize } = await statfs(directory)
  return bfree * bsize < leastRoom ? 'ENOSPC' : 'EIO'
}

/** Throws what a system call would have thrown, where git complains of the disk: that is nobody's mistake who asked. */
export const throwForDisk = async (complaint: string, directory: string): Promise<void> => {
  const code = await causeOf(complaint, directory)
  if (code !== undefined) throw Object.assign(new Error(`git could not write: ${complaint.trim()}`), { code })
}
