import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessAbsent } from '../system-errors.ts'
import { isPackName, packFolder } from './packs.ts'

/** Head and entries of the table of chunks (gitformat-pack, "multi-pack-index"). */
const format = { magic: 'MIDX', head: 12, chunksAt: 6, entry: 12, names: 'PNAM' } as const

/** A hundred thousand names. */
const longestNames = 8 * 2 ** 20

const readAt = async (handle: FileHandle, at: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at)
  return buffer.subarray(0, bytesRead)
}

/** Where the chunk of names begins and ends; an entry ends where the next one begins. */
const namesIn = (table: Buffer): readonly [number, number] | undefined => {
  for (let at = 0; at + 2 * format.entry <= table.length; at += format.entry) {
    if (table.toString('latin1', at, at + 4) !== format.names) continue
    return [Number(table.readBigUInt64BE(at + 4)), Number(table.readBigUInt64BE(at + format.entry + 4))]
  }
  return undefined
}

const readNames = async (handle: FileHandle): Promise<string[]> => {
  const head = await readAt(handle, 0, format.head)
  if (head.length < format.head || head.toString('latin1', 0, 4) !== format.magic) return []
  const chunks = head.readUInt8(format.chunksAt)
  const [from, to] = namesIn(await readAt(handle, format.head, (chunks + 1) * format.entry)) ?? [0, 0]
  const text = (await readAt(handle, from, Math.min(Math.max(to - from, 0), longestNames))).toString('latin1')
  return text
    .split('\0')
    .map((file) => file.replace(/\.idx$/, ''))
    .filter(isPackName)
}

/** The packs that the index over many packs covers; none where there is no such index, or one that nobody can read. */
export const readIndexedPacks = async (directory: string): Promise<string[]> => {
  const handle = await unlessAbsent(open(join(packFolder(directory), 'multi-pack-index'), 'r'))
  if (handle === undefined) return []
  try {
    return await readNames(handle)
  } finally {
    await handle.close()
  }
}
