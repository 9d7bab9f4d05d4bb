import { mkdirSync, renameSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ownIdentity } from './living.ts'

const removed = (directory: string): string => `${basename(directory)}-removed-`

/** What earlier calls could not finish is removed too. */
const removeAside = async (directory: string): Promise<void> => {
  for (const name of await readdir(dirname(directory))) {
    if (name.startsWith(removed(directory))) await rm(join(dirname(directory), name), { recursive: true, force: true })
  }
}

/**
 * Empties a cache that no process uses yet: whoever holds the home calls it before the first worker serves, since what
 * a server leaves that was killed is worth less than to know that nothing stale is there. The folder is free when the
 * call returns; the promise is of its content, which nobody needs to wait for.
 */
export const emptyFetchCache = async (directory: string): Promise<void> => {
  mkdirSync(dirname(directory), { recursive: true, mode: 0o700 })
  try {
    renameSync(directory, join(dirname(directory), `${removed(directory)}${ownIdentity}.${Date.now()}`))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  await removeAside(directory)
}
