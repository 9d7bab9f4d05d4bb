import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../system-errors.ts'

/** A pack of a repository, as its files say without git. */
export interface Pack {
  /** `pack-<digest>`, without an ending. */
  readonly name: string
  /** Of the pack and its index, in bytes. */
  readonly bytes: number
  /** When it was written, or an object in it was pushed once more (git's freshening), in milliseconds. */
  readonly touchedAt: number
  /** A push that is not over yet, or an administrator, keeps it. */
  readonly isKept: boolean
  /** It holds what nothing leads to, with times. */
  readonly isCruft: boolean
}

export const isPackName = (text: string): boolean => /^pack-(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)

export const packFolder = (directory: string): string => join(directory, 'objects/pack')

/** Packs that git sees: those with an index. */
export const readPacks = async (directory: string): Promise<Pack[]> => {
  const folder = packFolder(directory)
  const files = new Set((await unlessAbsent(readdir(folder))) ?? [])
  const packs: Pack[] = []
  for (const file of files) {
    const name = file.slice(0, -'.idx'.length)
    if (!file.endsWith('.idx') || !isPackName(name)) continue
    const [index, pack] = await Promise.all(['.idx', '.pack'].map((end) => unlessAbsent(stat(join(folder, name + end)))))
    if (index === undefined || pack === undefined) continue
    const has = (end: string): boolean => files.has(name + end)
    const bytes = index.size + pack.size
    packs.push({ name, bytes, touchedAt: pack.mtimeMs, isKept: has('.keep'), isCruft: has('.mtimes') })
  }
  return packs
}

/** Head and fanout table of an index of version 2 (gitformat-pack); the last entry counts all objects. */
const fanout = { magic: 0xff744f63, version: 2, lastAt: 8 + 255 * 4, bytes: 8 + 256 * 4 } as const

/** How many objects are in a pack. */
export const countObjects = async (directory: string, name: string): Promise<number> => {
  const handle = await open(join(packFolder(directory), `${name}.idx`), 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(fanout.bytes), 0, fanout.bytes, 0)
    const isKnown = bytesRead === fanout.bytes && buffer.readUInt32BE(0) === fanout.magic
    if (!isKnown || buffer.readUInt32BE(4) !== fanout.version) throw new Error(`${name}.idx is no index of version 2`)
    return buffer.readUInt32BE(fanout.lastAt)
  } finally {
    await handle.close()
  }
}
