import type { Stats } from 'node:fs'
import { open, readdir, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, unlessGone } from './absent.ts'
import { type Header, headerLength, parseHeader } from './header.ts'
import { isPart, type Layout, parseLink } from './layout.ts'
import { isAlive } from './living.ts'

/** One file of the cache, by whatever names. */
export interface Counted {
  /** Its name as an answer; undefined where only its readers hold it. */
  name: string | undefined
  bytes: number
  readonly usedAt: number
  readonly bornAt: number
  isInUse: boolean
  isGrowing: boolean
}

/** What lies in the cache, by inode: a file counts once, and for as long as anybody holds it. */
export type Census = Map<number, Counted>

const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

const headerAt = async (path: string): Promise<Header | undefined> => {
  const file = await unlessGone(open(path, 'r'))
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(headerLength)
    return parseHeader(bytes.subarray(0, (await file.read(bytes, 0, headerLength, 0)).bytesRead))
  } finally {
    await file.close()
  }
}

const add = (census: Census, { ino, size, mtimeMs, birthtimeMs }: Stats): Counted => {
  const counted = census.get(ino) ?? {
    name: undefined,
    bytes: 0,
    usedAt: mtimeMs,
    bornAt: birthtimeMs,
    isInUse: false,
    isGrowing: false,
  }
  counted.bytes = Math.max(counted.bytes, size)
  census.set(ino, counted)
  return counted
}

/** The files that processes hold; the links of dead ones are removed. */
const countOpen = async (layout: Layout, census: Census): Promise<void> => {
  const alive = new Map<string, boolean>()
  for (const name of await namesIn(layout.open)) {
    const { identity, isMaking } = parseLink(name)
    const path = join(layout.open, name)
    if (!alive.has(identity)) alive.set(identity, isAlive(identity))
    if (alive.get(identity) === false) await unlessGone(unlink(path))
    else {
      const found = await unlessGone(stat(path))
      if (found === undefined) continue
      const counted = add(census, found)
      counted.isInUse = true
      if (isMaking) addReserved(counted, await headerAt(path))
    }
  }
}

/** What grows counts as large as it may become. */
const addReserved = (counted: Counted, header: Header | undefined): void => {
  if (header === undefined || header.end !== undefined) return
  counted.isGrowing = true
  counted.bytes = Math.max(counted.bytes, header.reserved)
}

/** A name of an answer that is made; of a dead maker it is removed. */
const countPart = async (path: string, census: Census): Promise<void> => {
  const found = await unlessGone(stat(path))
  if (found === undefined || census.has(found.ino)) return
  const header = await headerAt(path)
  if (header !== undefined && !isAlive(header.maker)) await unlessGone(unlink(path))
  else add(census, found)
}

const countWhole = async (path: string, census: Census): Promise<void> => {
  const found = await unlessGone(stat(path))
  if (found !== undefined) add(census, found).name = path
}

/** Takes an empty folder away; one that something was put into meanwhile stays. */
export const removeEmpty = async (directory: string): Promise<void> => {
  await rmdir(directory).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
  })
}

const countFolder = async (folder: string, census: Census): Promise<void> => {
  const names = await namesIn(folder)
  for (const name of names) await (isPart(name) ? countPart : countWhole)(join(folder, name), census)
  if (names.length === 0) await removeEmpty(folder)
}

/** Counts everything, and removes what dead processes left. */
export const takeCensus = async (layout: Layout): Promise<Census> => {
  const census: Census = new Map()
  await countOpen(layout, census)
  for (const repository of await namesIn(layout.directory)) {
    const folder = join(layout.directory, repository)
    if (folder === layout.open) continue
    const states = await namesIn(folder)
    for (const state of states) await countFolder(join(folder, state), census)
    if (states.length === 0) await removeEmpty(folder)
  }
  return census
}

/** Removes an answer, and its folders where it was the last in them. */
export const evict = async (path: string): Promise<void> => {
  await unlessGone(unlink(path))
  await removeEmpty(dirname(path))
}
