import { randomBytes } from 'node:crypto'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../git/durable-files.ts'

/**
 * Makes a file that nobody else may read, and that has its name only when it is whole and on disk. Fails with `EEXIST`
 * where there is one of that name: nothing is overwritten, no terminal and no pipe is written to.
 */
export const makeWhole = async <Result>(file: string, work: (handle: FileHandle) => Promise<Result>): Promise<Result> => {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.unfinished`
  const handle = await open(unfinished, 'wx', 0o600)
  try {
    const result = await work(handle)
    await handle.sync()
    await link(unfinished, file)
    return result
  } finally {
    await handle.close()
    await rm(unfinished, { force: true })
    await syncDirectory(dirname(file)).catch(() => {})
  }
}
