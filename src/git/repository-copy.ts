import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isPackName } from './maintenance/packs.ts'
import { parseLooseRef, placeOf } from './refs/loose-refs.ts'
import { isSame, isYoung, type Stamp, stampOf } from './refs/stamps.ts'
import { unlessAbsent, unlessMissing } from './system-errors.ts'

/** What changes in a repository with each push, as it is at one moment. */
export interface SeenRepository {
  /** The bytes of `HEAD`. */
  readonly head: Buffer
  /** All refs that hold an object, as git's file `packed-refs` lists them. Names keep their bytes. */
  readonly refs: Buffer
  /** How many. */
  readonly count: number
  /** By which it is known that nothing has changed since. */
  readonly stamps: RefStamps
}

/** Files and folders that get another stamp when a ref changes: git puts each new value in place by a rename. */
interface RefStamps {
  readonly places: readonly (readonly [Buffer, Stamp | undefined])[]
  /** A change in the same tick of the clock could leave the same stamps. */
  readonly isSure: boolean
}

/** Whether a repository is surely as it was when it was seen: some microseconds for each folder of refs. */
export const isAsSeen = ({ places, isSure }: RefStamps): boolean =>
  isSure && places.every(([place, stamp]) => isSame(stampOf(place), stamp))

/** Reads refs, and takes the stamp of everything before it is read. */
class RefWalk {
  readonly refs = new Map<string, string>()
  readonly places: (readonly [Buffer, Stamp | undefined])[] = []
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Loose refs first, which win: one that is packed meanwhile is then found among the packed ones. */
  all(): void {
    this.#stamp('HEAD')
    this.#stamp('packed-refs')
    this.#folder('refs')
    this.#packed(unlessMissing(() => readFileSync(placeOf(this.#directory, 'packed-refs'), 'latin1')) ?? '')
  }

  #stamp(name: string): Buffer {
    const place = placeOf(this.#directory, name)
    this.places.push([place, stampOf(place)])
    return place
  }

  #folder(name: string): void {
    const place = this.#stamp(name)
    for (const entry of unlessMissing(() => readdirSync(place, { withFileTypes: true, encoding: 'latin1' })) ?? []) {
      const ref = `${name}/${entry.name}`
      if (entry.isDirectory()) this.#folder(ref)
      else if (!entry.name.endsWith('.lock')) this.#loose(ref)
    }
  }

  #loose(ref: string): void {
    const text = unlessMissing(() => readFileSync(placeOf(this.#directory, ref), 'latin1'))
    const value = text === undefined ? undefined : parseLooseRef(text)
    if (value?.kind === 'object') this.refs.set(ref, value.id)
  }

  /** Lines are `<id> <ref>`; comments begin with `#`, what a tag stands for with `^`. */
  #packed(text: string): void {
    for (const line of text.split('\n')) {
      const [, id, ref] = /^([0-9a-f]{40}) (.+)$/.exec(line) ?? []
      if (id !== undefined && ref !== undefined && !this.refs.has(ref)) this.refs.set(ref, id)
    }
  }
}

const heading = '# pack-refs with: sorted \n'

/** Each character is a byte, and bytes decide about the order in `packed-refs`. */
const byName = ([one]: readonly [string, string], [other]: readonly [string, string]): number => (one < other ? -1 : 1)

/** Undefined where there is no repository. */
const seeOnce = (directory: string): SeenRepository | undefined => {
  const begun = Date.now()
  const walk = new RefWalk(directory)
  walk.all()
  const head = unlessMissing(() => readFileSync(join(directory, 'HEAD')))
  if (head === undefined) return undefined
  const lines = [...walk.refs].sort(byName).map(([ref, id]) => `${id} ${ref}\n`)
  const isSure = walk.places.every(([, stamp]) => !isYoung(stamp, begun))
  const stamps = { places: walk.places, isSure }
  return { head, refs: Buffer.from(heading + lines.join(''), 'latin1'), count: walk.refs.size, stamps }
}

/** So often it is looked until nothing changes while it is read. */
const mostLooks = 8

const isSameState = (one: SeenRepository, other: SeenRepository): boolean =>
  one.refs.equals(other.refs) && one.head.equals(other.head)

/**
 * Refs that stood together in the repository at some instant: nothing was changed while they were read, or they were
 * read twice and were the same. Undefined where the repository is not on disk. In step: nothing else is to be done.
 */
export const seeRepository = (directory: string): SeenRepository | undefined => {
  let seen = seeOnce(directory)
  for (let looks = 1; seen !== undefined && looks < mostLooks && !isAsSeen(seen.stamps); looks += 1) {
    const again = seeOnce(directory)
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
