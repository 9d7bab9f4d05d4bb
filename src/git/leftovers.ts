import type { Dirent } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codeOf, unlessAbsent } from './system-errors.ts'

/**
 * Without a change for this long, in milliseconds, something is left over. A push under way changes its quarantine with
 * every byte; only when it has come whole may git think about it for long, and never for so long.
 */
const staleAfter = 24 * 60 * 60 * 1_000

const entriesOf = async (directory: string): Promise<Dirent[]> =>
  (await unlessAbsent(readdir(directory, { withFileTypes: true }))) ?? []

/** When a folder or anything in it was changed last. */
const changedAt = async (directory: string): Promise<number> => {
  let newest = (await unlessAbsent(stat(directory)))?.mtimeMs ?? 0
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name)
    const at = entry.isDirectory() ? await changedAt(path) : ((await unlessAbsent(stat(path)))?.mtimeMs ?? 0)
    newest = Math.max(newest, at)
  }
  return newest
}

/** Removes folders in which nothing has changed since a time in milliseconds. */
const sweep = async (parent: string, prefix: string, before = Date.now() - staleAfter): Promise<void> => {
  for (const entry of await entriesOf(parent)) {
    const path = join(parent, entry.name)
    const isCandidate = entry.isDirectory() && entry.name.startsWith(prefix)
    if (isCandidate && (await changedAt(path)) < before) await rm(path, { recursive: true, force: true })
  }
}

/**
 * Removes from one repository the quarantines of pushes that were killed: git leaves them when a signal ends it.
 * @param before in milliseconds; what has changed since then may be of a push that goes on
 */
export const sweepQuarantines = (repository: string, before?: number): Promise<void> =>
  sweep(join(repository, 'objects'), 'tmp_objdir-incoming-', before)

const ownFolders = async (parent: string): Promise<string[]> => {
  const found: string[] = []
  for (const entry of await entriesOf(parent)) {
    if (entry.isDirectory() && /^[0-9a-f]{2}$/.test(entry.name)) found.push(join(parent, entry.name))
  }
  return found
}

/**
 * Removes what earlier servers left when they were killed: quarantines, repositories that never got their id, and the
 * folders of pushes with obligations.
 * @param root the folder of all repositories
 */
export const sweepLeftovers = async (root: string): Promise<void> => {
  await sweep(join(root, 'aside'), 'new-')
  await sweep(tmpdir(), 'sallyport-push-').catch(ignoreForeign)
  for (const folder of await ownFolders(root)) {
    for (const { name } of await entriesOf(folder)) await sweepQuarantines(join(folder, name))
  }
}

/** The folder for temporary files is everybody's: what another user left is that user's. */
const ignoreForeign = (fault: unknown): void => {
  const code = codeOf(fault)
  if (code !== 'EPERM' && code !== 'EACCES') throw fault
}
