import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../durable-files.ts'
import { readRefs } from '../ref-files.ts'
import { readIndexedPacks } from './pack-index.ts'
import { packFolder, readPacks } from './packs.ts'
import { inStep, runTask, type Site, TaskFailed } from './run-task.ts'
import type { OldPack, Retirement } from './state-file.ts'

/** Endings of the files of one pack; the index goes first, and with it the pack is out of git's sight. */
const endings = ['.idx', '.pack', '.rev', '.mtimes', '.bitmap'] as const

/**
 * Old packs that are there unchanged. One that was touched since holds an object that was pushed once more (git only
 * freshens the pack then), one with a `.keep`, or that the index names, is somebody's: it stays, and so do all others, until everything is packed anew.
 */
const untouched = async (directory: string, old: readonly OldPack[]): Promise<readonly OldPack[] | undefined> => {
  const there = new Map((await readPacks(directory)).map((pack) => [pack.name, pack]))
  const found = old.filter(({ name }) => there.has(name))
  const indexed = new Set(await readIndexedPacks(directory))
  const isAsItWas = ({ name, touchedAt }: OldPack): boolean => {
    const pack = there.get(name)
    return pack?.touchedAt === touchedAt && !pack.isKept && !indexed.has(name)
  }
  return found.every(isAsItWas) ? found : undefined
}

/** A folder of objects as it will be without the old packs, made of symbolic links. */
const makeShadow = async (directory: string, shadow: string, old: readonly OldPack[]): Promise<void> => {
  const gone = new Set(old.map(({ name }) => name))
  await rm(shadow, { recursive: true, force: true })
  // Not with the folders above it: the repository may be gone meanwhile.
  await mkdir(shadow)
  await mkdir(join(shadow, 'pack'))
  for (const name of await readdir(join(directory, 'objects'))) {
    if (/^[0-9a-f]{2}$/.test(name)) await symlink(join(directory, 'objects', name), join(shadow, name))
  }
  for (const { name } of await readPacks(directory)) {
    if (gone.has(name)) continue
    for (const end of ['.pack', '.idx']) await symlink(join(packFolder(directory), name + end), join(shadow, 'pack', name + end))
  }
}

const sameRefs = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([ref, id]) => other.get(ref) === id)

/** How often refs may change while everything is walked through; then another time will do. */
const mostWalks = 3

/** Throws `TaskFailed` where something is missing. */
const walk = async (site: Site, shadow: string, old: readonly OldPack[]): Promise<'all there' | 'refs changed'> => {
  for (let walks = 0; walks < mostWalks; walks += 1) {
    const before = await readRefs(site.directory)
    await makeShadow(site.directory, shadow, old)
    await runTask(site, { kind: 'check', objects: shadow })
    if (sameRefs(before, await readRefs(site.directory))) return 'all there'
  }
  return 'refs changed'
}

/**
 * Whether all that refs lead to is there without the old packs, at a moment that is just over: a ref that was put on an
 * object without history since the new packs were made is the one thing that could need an old one.
 */
const lookWithout = async (site: Site, old: readonly OldPack[]): Promise<'all there' | 'refs changed' | 'missing'> => {
  const shadow = join(site.directory, 'sallyport-check')
  try {
    return await walk(site, shadow, old)
  } catch (fault) {
    if (fault instanceof TaskFailed && !fault.wasEnded) return 'missing'
    throw fault
  } finally {
    await rm(shadow, { recursive: true, force: true })
  }
}

const removePacks = async (directory: string, old: readonly OldPack[]): Promise<void> => {
  const folder = packFolder(directory)
  // The new packs have to be there for good before the first old one goes.
  await syncDirectory(folder)
  for (const end of endings) for (const { name } of old) await rm(join(folder, name + end), { force: true })
  await syncDirectory(folder)
}

export type Retired = 'gone' | 'later' | 'kept'

/** Nothing is unreachable in what was only put together: there the walk is spared. */
const mayGo = async (site: Site, whole: boolean, old: readonly OldPack[]): Promise<Exclude<Retired, 'gone'> | 'yes'> => {
  if (!whole || old.length === 0) return 'yes'
  const found = await lookWithout(site, old)
  if (found === 'missing') return 'kept'
  return found === 'refs changed' ? 'later' : 'yes'
}

/**
 * Lets go of packs whose objects are in newer ones, and of loose objects that are in packs. `gone`: it is done. `later`:
 * refs changed too often meanwhile. `kept`: something needs them, or may; they stay until all is packed anew.
 */
export const retire = async (site: Site, { packs, whole, expireBefore }: Retirement): Promise<Retired> => {
  const { directory } = site
  const old = await untouched(directory, packs)
  if (old === undefined) return 'kept'
  const allowed = await mayGo(site, whole, old)
  if (allowed !== 'yes') return allowed
  if ((await untouched(directory, packs)) === undefined) return 'kept'
  await inStep(site, 'remove-packs', () => removePacks(directory, old))
  await runTask(site, { kind: 'prune-packed' })
  if (whole) await runTask(site, { kind: 'prune', expireBefore })
  return 'gone'
}
