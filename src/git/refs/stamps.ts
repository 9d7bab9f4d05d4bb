import { lstatSync, type PathLike, type Stats } from 'node:fs'
import { isAbsence } from '../system-errors.ts'

/** By what a file or folder is known to be what it was. Times in milliseconds. */
export interface Stamp {
  readonly inode: number
  readonly size: number
  readonly modified: number
  readonly changed: number
}

/**
 * Within this time, in milliseconds, after a change another one may leave the same stamp: file systems take their times
 * from a clock that ticks every 1 to 10 ms.
 */
const grain = 20

const statsOf = (place: PathLike): Stats | undefined => {
  try {
    return lstatSync(place, { throwIfNoEntry: false })
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

/** Asked in step and not in the background: it takes a microsecond or two, far less than handing it to another thread. */
export const stampOf = (place: PathLike): Stamp | undefined => {
  const stats = statsOf(place)
  return stats && { inode: stats.ino, size: stats.size, modified: stats.mtimeMs, changed: stats.ctimeMs }
}

export const isSame = (one: Stamp | undefined, other: Stamp | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.inode === other.inode &&
    one.size === other.size &&
    one.modified === other.modified &&
    one.changed === other.changed)

/** Whether a stamp that was taken at `now` could hide a later change. */
export const isYoung = (stamp: Stamp | undefined, now: number): boolean =>
  stamp !== undefined && Math.max(stamp.modified, stamp.changed) > now - grain
