import { mkdirSync, renameSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isAbsence, unlessAbsent } from '../system-errors.ts'
import { Layout, parseLink } from './layout.ts'
import { ownIdentity } from './living.ts'
import { endOrphan, headerAt } from './orphans.ts'

const removed = (directory: string): string => `${basename(directory)}-removed-`

const endOrphansIn = async ({ open }: Layout): Promise<void> => {
  for (const name of (await unlessAbsent(readdir(open))) ?? []) {
    if (parseLink(name).isMaking) endOrphan(await headerAt(join(open, name)))
  }
}

/** What earlier calls could not finish is removed too. */
const removeAside = async (directory: string): Promise<void> => {
  for (const name of await readdir(dirname(directory))) {
    if (!name.startsWith(removed(directory))) continue
    const aside = join(dirname(directory), name)
    await endOrphansIn(new Layout(aside)).finally(() => rm(aside, { recursive: true, force: true }))
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
    if (!isAbsence(error)) throw error
  }
  await removeAside(directory)
}
