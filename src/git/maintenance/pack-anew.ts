import { syncDirectory } from '../durable-files.ts'
import { countObjects, isPackName, type Pack, packFolder, readPacks } from './packs.ts'
import { growthOf } from './plan.ts'
import { runTask, type Site, TaskFailed } from './run-task.ts'
import type { Retirement } from './state-file.ts'
import type { Task } from './task.ts'

/** Unreachable objects stay for so long, in milliseconds: they may be fetched by id, or be part of a push under way (`gc.pruneExpire`). */
export const standardGrace = 14 * 86_400_000

const namesOf = (packs: readonly { readonly name: string }[]): string[] => packs.map(({ name }) => name)

/** Makes a pack and answers its name; undefined where there was nothing to put in it. */
const makePack = async (site: Site, task: Task): Promise<string | undefined> => {
  const digest = (await runTask(site, task)).trim()
  if (digest === '') return undefined
  const name = `pack-${digest}`
  if (!isPackName(name)) throw new TaskFailed(task.kind, 'git named no pack', false)
  return name
}

/** One index, with the bitmap, over all packs but those that go. `main` is the pack that is sent as it lies there. */
const writeIndex = async (site: Site, packs: readonly string[], main: string): Promise<void> => {
  // The packs have to be there for good before anything is built on them.
  await syncDirectory(packFolder(site.directory))
  await runTask(site, { kind: 'index', packs: [...new Set(packs)], preferred: main })
  await syncDirectory(packFolder(site.directory))
}

type Made = Pick<Retirement, 'packs' | 'whole' | 'expireBefore'>

const isIn = (names: readonly string[]) => {
  const all = new Set(names)
  return ({ name }: Pack): boolean => all.has(name)
}

/**
 * Packs all anew: what refs lead to in one pack, all else in another, but for what nobody touched since `expireBefore`.
 * Old packs stay; the answer says which they are. Packs that come meanwhile are in neither list and stay too.
 */
export const packWhole = async (site: Site, expireBefore: number): Promise<Made> => {
  const before = await readPacks(site.directory)
  const kept = namesOf(before.filter(({ isKept }) => isKept))
  const ours = before.filter(({ isKept }) => !isKept)
  const main = await makePack(site, { kind: 'pack-reachable' })
  const fresh = main === undefined ? kept : [main, ...kept]
  const old = namesOf(ours).filter((name) => name !== main)
  const rest = await makePack(site, { kind: 'pack-unreachable', fresh, old, expireBefore })
  const stay = rest === undefined ? fresh : [...fresh, rest]
  if (main !== undefined) await writeIndex(site, stay, main)
  return { packs: ours.filter((pack) => !isIn(stay)(pack)), whole: true, expireBefore }
}

/** Packs what came together with the small packs that are there. Nothing is left out. */
export const packGrowth = async (site: Site): Promise<Made> => {
  const before = await readPacks(site.directory)
  const ours = before.filter(({ isKept, isCruft }) => !isKept && !isCruft)
  const counted = await Promise.all(
    ours.map(async (pack) => ({ ...pack, objects: await countObjects(site.directory, pack.name) })),
  )
  const together = growthOf(counted)
  const apart = before.filter((pack) => !isIn(namesOf(together))(pack))
  const made = await makePack(site, { kind: 'pack-together', packs: namesOf(together), apart: namesOf(apart) })
  const stay = [...namesOf(apart), ...(made === undefined ? [] : [made])]
  const largest = counted.toSorted((one, other) => other.objects - one.objects).find((pack) => isIn(stay)(pack))
  const main = largest?.name ?? made
  if (main !== undefined) await writeIndex(site, stay, main)
  return { packs: together.filter((pack) => !isIn(stay)(pack)), whole: false, expireBefore: 0 }
}
