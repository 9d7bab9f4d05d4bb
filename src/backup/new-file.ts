import { randomBytes } from 'node:crypto'
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../git/durable-files.ts'
import { codeOf, unlessAbsent } from '../git/system-errors.ts'

const refuseTaken = async (file: string): Promise<void> => {
  if ((await unlessAbsent(lstat(file))) === undefined) return
  throw Object.assign(new Error(`EEXIST: file already exists, ${file}`), { code: 'EEXIST', path: file })
}

/** On a file system without hard links a rename has to do, which would write over what came in between. */
const withoutLinks: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

const giveName = (unfinished: string, file: string): Promise<void> =>
  link(unfinished, file).catch(async (fault: unknown) => {
    if (!withoutLinks.includes(codeOf(fault))) throw fault
    await refuseTaken(file)
    await rename(unfinished, file)
  })

/**
 * Makes a file that nobody else may read, and that has its name only when it is whole and on disk. Fails with `EEXIST`
 * where there is one of that name: nothing is overwritten, no terminal and no pipe is written to.
 */
export const makeWhole = async <Result>(file: string, work: (handle: FileHandle) => Promise<Result>): Promise<Result> => {
  // Before the work is done, and again after it.
  await refuseTaken(file)
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.unfinished`
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    const result = await work(handle)
    await handle.sync()
    await giveName(unfinished, file)
    return result
  } finally {
    await handle.close()
    await rm(unfinished, { force: true })
    await syncDirectory(dirname(file)).catch(() => {})
  }
}
