import type { Stats } from 'node:fs'
import { readdir, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, unlessAbsent } from '../system-errors.ts'
import type { Header } from './header.ts'
import { isPart, type Layout, parseLink } from './layout.ts'
import { isAlive } from './living.ts'
import { endOrphan, headerAt } from './orphans.ts'

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

const namesIn = async (directory: string): Promise<string[]> => (await unlessAbsent(readdir(directory))) ?? []

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

/** Takes away what a dead process held an answer by. */
const removeLink = async (path: string, isMaking: boolean): Promise<void> => {
  if (isMaking) endOrphan(await headerAt(path))
  await unlessAbsent(unlink(path))
}

/** The files that processes hold; the links of dead ones are removed. */
const countOpen = async (layout: Layout, census: Census): Promise<void> => {
  const alive = new Map<string, boolean>()
  for (const name of await namesIn(layout.open)) {
    const { identity, isMaking } = parseLink(name)
    const path = join(layout.open, name)
    if (!alive.has(identity)) alive.set(identity, isAlive(identity))
    if (alive.get(identity) === false) await removeLink(path, isMaking)
    else {
      const found = await unlessAbsent(stat(path))
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
  const found = await unlessAbsent(stat(path))
  if (found === undefined || census.has(found.ino)) return
  const header = await headerAt(path)
  if (header !== undefined && !isAlive(header.maker)) await unlessAbsent(unlink(path))
  else add(census, found)
}

const countWhole = async (path: string, census: Census): Promise<void> => {
  const found = await unlessAbsent(stat(path))
  if (found !== undefined) add(census, found).name = path
}

/** Takes an empty folder away; one that something was put into meanwhile stays, and so does what is none. */
export const removeEmpty = async (directory: string): Promise<void> => {
  await rmdir(directory).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
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
  await unlessAbsent(unlink(path))
  await removeEmpty(dirname(path))
}
