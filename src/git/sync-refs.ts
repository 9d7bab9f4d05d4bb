import { dirname, join } from 'node:path'
import { isValidRefName } from '../access/rules/ref-name.ts'
import { syncDirectory } from './durable-files.ts'
import { unlessAbsent } from './system-errors.ts'

/** The folders in which a ref stands, from its own up to the repository's. */
const foldersOf = (ref: string): string[] => {
  const folders: string[] = []
  for (let folder = dirname(ref); folder !== '.'; folder = dirname(folder)) folders.push(folder)
  return [...folders, '.']
}

/**
 * Makes refs outlive a power cut that git has changed: it syncs what it writes, and not the folders in which it renames
 * (`core.fsync` knows files alone). With a journal this keeps the objects too, which were renamed before.
 */
export const syncRefs = async (directory: string, refs: readonly string[]): Promise<void> => {
  const folders = new Set(refs.filter(isValidRefName).flatMap(foldersOf))
  for (const folder of folders) await unlessAbsent(syncDirectory(join(directory, folder)))
}
