import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stampOf } from './refs/stamps.ts'
import { unlessMissing } from './system-errors.ts'

/** Folders of objects: packs, and one for each beginning of an id. Quarantines of pushes come and go beside them. */
const isOfObjects = (name: string): boolean => name === 'pack' || /^[0-9a-f]{2}$/.test(name)

/**
 * A digest that changes whenever objects come, go or are packed anew. Every stamp of a folder is in it, so that this takes
 * a look at up to 257 of them: some tenths of a millisecond, which is little beside a pack.
 */
export const objectsState = (directory: string): string => {
  const objects = join(directory, 'objects')
  const hash = createHash('sha256')
  for (const name of (unlessMissing(() => readdirSync(objects)) ?? []).filter(isOfObjects).sort()) {
    const stamp = stampOf(join(objects, name))
    hash.update(`${name} ${stamp?.inode} ${stamp?.modified} ${stamp?.changed}\n`)
  }
  return hash.digest('hex')
}

/** Bytes of all packs. */
export const lengthOfPacks = (directory: string): number => {
  const folder = join(directory, 'objects', 'pack')
  const packs = (unlessMissing(() => readdirSync(folder)) ?? []).filter((name) => name.endsWith('.pack'))
  return packs.reduce((sum, name) => sum + (unlessMissing(() => statSync(join(folder, name)).size) ?? 0), 0)
}
