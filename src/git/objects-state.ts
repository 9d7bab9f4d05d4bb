import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { unlessMissing } from './refs/missing.ts'
import { stampOf } from './refs/stamps.ts'

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
