import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../system-errors.ts'
import { readIndexedPacks } from './pack-index.ts'
import { type Pack, readPacks } from './packs.ts'

/** How a repository looks on disk: all that is needed to say what is due, without starting git. */
export interface Condition {
  readonly packs: readonly Pack[]
  /** Names of the packs that the index with the bitmap covers. */
  readonly indexed: readonly string[]
  /** Guessed from one of the 256 folders of loose objects, as `git gc --auto` does it. */
  readonly looseObjects: number
  /** No more than `mostLooseRefs` are counted. */
  readonly looseRefs: number
  /** Bytes of `packed-refs`. */
  readonly packedRefs: number
}

export const mostLooseRefs = 10_000

const entriesOf = async (directory: string): Promise<Dirent[]> =>
  (await unlessAbsent(readdir(directory, { withFileTypes: true }))) ?? []

const countLooseObjects = async (directory: string): Promise<number> => {
  const names = (await unlessAbsent(readdir(join(directory, 'objects/17')))) ?? []
  return names.filter((name) => /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/.test(name)).length * 256
}

const countLooseRefs = async (directory: string): Promise<number> => {
  const folders = [join(directory, 'refs')]
  let count = 0
  for (let folder = folders.pop(); folder !== undefined && count < mostLooseRefs; folder = folders.pop()) {
    for (const entry of await entriesOf(folder)) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name))
      else count += 1
    }
  }
  return Math.min(count, mostLooseRefs)
}

/** @param directory of the bare repository */
export const lookAt = async (directory: string): Promise<Condition> => {
  const [packs, indexed, looseObjects, looseRefs, packed] = await Promise.all([
    readPacks(directory),
    readIndexedPacks(directory),
    countLooseObjects(directory),
    countLooseRefs(directory),
    unlessAbsent(stat(join(directory, 'packed-refs'))),
  ])
  return { packs, indexed, looseObjects, looseRefs, packedRefs: packed?.size ?? 0 }
}

export const bytesOfPacks = (packs: readonly Pack[]): number => packs.reduce((sum, { bytes }) => sum + bytes, 0)
