import type { Action } from '../core/action.ts'
import type { ProjectId } from '../core/ids.ts'
import type { Principal } from '../core/principal.ts'
import type { ProjectFacts, RefRule } from '../core/project.ts'
import { branchOf, isCreation } from '../core/ref-update.ts'
import type { TargetProject } from './authenticate.ts'
import type { Facts } from './facts.ts'
import type { FactSource } from './gate.ts'
import { PatternIndex } from './rules/patterns.ts'
import { sees } from './rules/pull.ts'

/** What the store knows, read in one transaction. */
export type StoredFacts = Pick<Facts, 'project' | 'creation' | 'role' | 'key' | 'job' | 'rules' | 'onlyProtocol'>

export interface StoredFactSource {
  locate(path: string): Promise<TargetProject | undefined>
  /** What the action does not ask for may be left out. */
  read(principal: Principal, path: string, action: Action): Promise<StoredFacts>
}

/** What a repository on disk shows without any process of git. */
export interface RepositoryState {
  exists(repository: ProjectId): Promise<boolean>
  /** Full ref names and the object ids they hold. */
  refs(repository: ProjectId): Promise<ReadonlyMap<string, string>>
}

type RefFacts = Pick<Facts, 'hasBranches' | 'protectedTips'>

const noRefs: RefFacts = { hasBranches: false, protectedTips: new Set() }

/** Object ids at the tips of protected branches. They only choose between two sentences, so that some may be left out. */
const protectedTips = (refs: ReadonlyMap<string, string>, rules: readonly RefRule[]): ReadonlySet<string> => {
  const branches = new PatternIndex(rules.flatMap(({ kind, pattern }) => (kind === 'branch' ? [[pattern, true] as const] : [])))
  const tips = new Set<string>()
  for (const [ref, id] of refs) {
    const branch = branchOf(ref)
    const matching = branch === undefined ? [] : branches.matching(branch)
    if (matching === 'too-much') break
    if (matching.length > 0) tips.add(id)
  }
  return tips
}

const hasBranch = (refs: ReadonlyMap<string, string>): boolean => [...refs.keys()].some((ref) => branchOf(ref) !== undefined)

/** The refs on disk are read only for a push that they may matter to. */
const refFacts = async (
  repositories: RepositoryState,
  project: ProjectFacts,
  rules: readonly RefRule[],
  action: Action,
): Promise<RefFacts> => {
  if (action.kind !== 'push' || action.updates === 'unknown') return noRefs
  const asksForTips = rules.length > 0 && action.updates.some(isCreation)
  const asksForBranches = project.defaultBranch === undefined
  if (!asksForTips && !asksForBranches) return noRefs
  const refs = await repositories.refs(project.id)
  return { hasBranches: hasBranch(refs), protectedTips: asksForTips ? protectedTips(refs, rules) : noRefs.protectedTips }
}

/** Store and repositories together answer what `decide` may ask. */
export const makeFactSource = (store: StoredFactSource, repositories: RepositoryState, baseUrl: () => string): FactSource => ({
  locate: (path) => store.locate(path),
  async gather(principal, path, action) {
    const stored = await store.read(principal, path, action)
    // The disk is not looked at for what is hidden, which would take longer than what does not exist.
    const project = stored.project && sees(principal, stored.project, stored) ? stored.project : undefined
    return {
      ...stored,
      repositoryExists: project !== undefined && (await repositories.exists(project.id)),
      ...(project === undefined ? noRefs : await refFacts(repositories, project, stored.rules, action)),
      baseUrl: baseUrl(),
    }
  },
})
