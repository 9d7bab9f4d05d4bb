import { type Dirent, readdirSync } from 'node:fs'
import { type FileHandle, open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isPackName } from './maintenance/packs.ts'
import { readRefs } from './ref-files.ts'
import { isSame, isYoung, type Stamp, stampOf } from './refs/stamps.ts'
import { unlessAbsent, unlessMissing } from './system-errors.ts'

/** What changes in a repository with each push, as it is at one moment. */
export interface SeenRepository {
  /** The text of `HEAD`. */
  readonly head: string
  /** All refs, as git's file `packed-refs` lists them. */
  readonly refs: string
  /** How many. */
  readonly count: number
  /** By which it is known that nothing has changed since. */
  readonly stamps: RefStamps
}

/** Files and folders that get another stamp when a ref changes: git puts each new value in place by a rename. */
interface RefStamps {
  readonly places: ReadonlyMap<string, Stamp | undefined>
  /** A change in the same tick of the clock could leave the same stamps. */
  readonly isSure: boolean
}

const addFolders = (folder: string, places: Map<string, Stamp | undefined>): void => {
  places.set(folder, stampOf(folder))
  for (const entry of unlessMissing(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (entry.isDirectory()) addFolders(join(folder, entry.name), places)
  }
}

const stampRefs = (directory: string): RefStamps => {
  const places = new Map(['HEAD', 'packed-refs'].map((name) => [join(directory, name), stampOf(join(directory, name))]))
  addFolders(join(directory, 'refs'), places)
  const now = Date.now()
  return { places, isSure: [...places.values()].every((stamp) => !isYoung(stamp, now)) }
}

/** Whether a repository is surely as it was when it was seen: some microseconds for each folder of refs. */
export const isAsSeen = ({ places, isSure }: RefStamps): boolean => {
  if (!isSure) return false
  for (const [place, stamp] of places) if (!isSame(stampOf(place), stamp)) return false
  return true
}

const heading = '# pack-refs with: sorted \n'

/** Bytes decide about the order, as in `packed-refs` of git. */
const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other))

const seeOnce = async (directory: string): Promise<SeenRepository> => {
  const stamps = stampRefs(directory)
  const refs = await readRefs(directory)
  const head = await readFile(join(directory, 'HEAD'), 'utf8')
  const lines = [...refs].sort(byName).map(([ref, id]) => `${id} ${ref}\n`)
  return { head, refs: heading + lines.join(''), count: refs.size, stamps }
}

/** So often it is looked until nothing changes while it is read. */
const mostLooks = 8

const isSameState = (one: SeenRepository, other: SeenRepository): boolean => one.refs === other.refs && one.head === other.head

/**
 * Refs that stood together in the repository at some instant: nothing was changed while they were read, or they were
 * read twice and were the same. Undefined where the repository is not on disk.
 */
export const seeRepository = async (directory: string): Promise<SeenRepository | undefined> => {
  let seen = await unlessAbsent(seeOnce(directory))
  for (let looks = 1; seen !== undefined && looks < mostLooks && !isAsSeen(seen.stamps); looks += 1) {
    const again: SeenRepository | undefined = await unlessAbsent(seeOnce(directory))
    if (again !== undefined && isSameState(seen, again)) return again
    seen = again
  }
  return seen
}

const namesIn = async (directory: string): Promise<Dirent[]> =>
  (await readdir(directory, { withFileTypes: true })).sort((one, other) => (one.name < other.name ? -1 : 1))

const endings = ['.pack', '.rev', '.mtimes', '.bitmap', '.idx'] as const
const indexOfPacks = /^multi-pack-index(?:-[0-9a-f]{40,64}\.(?:bitmap|rev))?$/

/** Packs with their index, and the one index over them; what is still being written has another name. */
const packFiles = async (folder: string): Promise<string[]> => {
  const names = new Set((await namesIn(folder)).map(({ name }) => name))
  const packs = [...names]
    .filter((name) => name.endsWith('.idx') && isPackName(name.slice(0, -4)))
    .map((name) => name.slice(0, -4))
  const files = packs.flatMap((pack) => endings.map((end) => pack + end).filter((name) => names.has(name)))
  return [...files, ...[...names].filter((name) => indexOfPacks.test(name))]
}

const looseFiles = async (objects: string): Promise<string[]> => {
  const found: string[] = []
  for (const { name } of await namesIn(objects)) {
    if (!/^[0-9a-f]{2}$/.test(name)) continue
    const files = await namesIn(join(objects, name))
    found.push(...files.filter((file) => /^[0-9a-f]{38,62}$/.test(file.name)).map((file) => `${name}/${file.name}`))
  }
  return found
}

const graphs = 'objects/info/commit-graphs'

const graphFiles = async (directory: string): Promise<string[]> => {
  const entries = (await unlessAbsent(namesIn(join(directory, graphs)))) ?? []
  return entries.map(({ name }) => name).filter((name) => /^(?:commit-graph-chain|graph-[0-9a-f]{40,64}\.graph)$/.test(name))
}

/**
 * The files of a repository that stay as they are once they have their name, from its folder. Objects come before the
 * refs that lead to them: whoever read the refs before this is called finds here all that they lead to, as long as
 * nothing is packed anew or pruned meanwhile.
 */
export const lastingFiles = async (directory: string): Promise<string[]> => {
  // Loose objects first: one that is packed meanwhile by a hand of its own is then in a pack that is listed.
  const loose = await looseFiles(join(directory, 'objects'))
  const packs = await packFiles(join(directory, 'objects/pack'))
  return [
    'config',
    ...packs.map((name) => `objects/pack/${name}`),
    ...(await graphFiles(directory)).map((name) => `${graphs}/${name}`),
    ...loose.map((name) => `objects/${name}`),
  ]
}

/** Opens a file of a repository that may be taken out of reach meanwhile; `whereNow` says where it lies. */
export const openLasting = async (whereNow: () => Promise<string>, name: string): Promise<FileHandle> => {
  const directory = await whereNow()
  return (await unlessAbsent(open(join(directory, name), 'r'))) ?? open(join(await whereNow(), name), 'r')
}
