import { bytesOfPacks, type Condition } from './condition.ts'
import type { Pack } from './packs.ts'
import type { State } from './state-file.ts'

/**
 * What a run does: `whole` packs all anew and sorts out what nothing leads to; `growth` packs what came since then
 * together; `refs` only packs refs.
 */
export type Plan = 'whole' | 'growth' | 'refs'

const day = 86_400_000

/** Between two runs that pack all anew (Gitaly, `FullRepackCooldownPeriod`). */
const betweenWhole = 5 * day

/** Loose objects that do no harm (Gitaly, `looseObjectLimit`). */
const mostLooseObjects = 1024

/** Packs that no index covers: the larger the repository, the more may wait (Gitaly, `GeometricOptimizationStrategy`). */
const mostNewPacks = (bytes: number): number => Math.max(2, Math.floor(Math.log(bytes / 2 ** 20) / Math.log(1.8)))

/** Loose refs: the more are packed, the more may wait (Gitaly, `ShouldRepackReferences`). */
const mostLooseRefs = (packedBytes: number): number => Math.max(16, Math.floor(Math.log(packedBytes / 100) / Math.log(1.15)))

/**
 * What is due for a repository; undefined where nothing is. Thresholds are Gitaly's, which runs in the same places.
 * @param now in milliseconds
 */
export const planFor = (condition: Condition, state: State, now: number): Plan | undefined => {
  const { packs, indexed, looseObjects, looseRefs, packedRefs } = condition
  const lively = packs.filter(({ isCruft }) => !isCruft)
  const tooManyLoose = looseObjects > mostLooseObjects
  const wholeIsOld = now - (state.wholeAt ?? 0) > betweenWhole
  // Later on, whatever is more than one pack: others to be put in it, or what nothing leads to, to be let go in time.
  if (wholeIsOld && (state.wholeAt === undefined ? lively.length > 0 || tooManyLoose : packs.length > 1)) return 'whole'
  const untracked = lively.filter(({ name }) => !indexed.includes(name)).length
  if (untracked > mostNewPacks(bytesOfPacks(packs)) || tooManyLoose) return 'growth'
  return looseRefs > mostLooseRefs(packedRefs) ? 'refs' : undefined
}

/** A pack with the number of its objects. */
export type Counted = Pack & { readonly objects: number }

/**
 * The packs to put together, so that of those that stay each has at least twice the objects of all smaller ones: so few
 * packs stay, and each object is copied few times (`git repack --geometric=2`).
 */
export const growthOf = (packs: readonly Counted[]): Counted[] => {
  const sorted = packs.toSorted((one, other) => one.objects - other.objects)
  const broken = (at: number): boolean => (sorted[at]?.objects ?? 0) < 2 * (sorted[at - 1]?.objects ?? 0)
  let split = sorted.length - 1
  while (split > 0 && !broken(split)) split -= 1
  if (split <= 0) return []
  let sum = sorted.slice(0, split + 1).reduce((total, { objects }) => total + objects, 0)
  for (split += 1; split < sorted.length && (sorted[split]?.objects ?? 0) < 2 * sum; split += 1)
    sum += sorted[split]?.objects ?? 0
  return sorted.slice(0, split)
}
