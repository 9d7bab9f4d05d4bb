import type { Action } from '../core/action.ts'
import type { ProjectId } from '../core/ids.ts'
import type { Principal } from '../core/principal.ts'
import type { RefRule } from '../core/project.ts'
import { isCreation } from '../core/ref-update.ts'
import type { TargetProject } from './authenticate.ts'
import type { Facts } from './facts.ts'
import type { FactSource } from './gate.ts'
import { matchingRules } from './rules/ref-rules.ts'

/** What the store knows, read in one transaction. */
export type StoredFacts = Pick<Facts, 'project' | 'creation' | 'role' | 'key' | 'rules'>

export interface StoredFactSource {
  locate(path: string): Promise<TargetProject | undefined>
  read(principal: Principal, path: string): Promise<StoredFacts>
}

/** What a repository on disk shows without any process of git. */
export interface RepositoryState {
  exists(repository: ProjectId): Promise<boolean>
  /** Full ref names and the object ids they hold. */
  refs(repository: ProjectId): Promise<ReadonlyMap<string, string>>
}

const heads = 'refs/heads/'

/** Object ids at the tips of protected branches: asked for only where a branch is to be made. */
const protectedTips = async (
  repositories: RepositoryState,
  repository: ProjectId,
  rules: readonly RefRule[],
  action: Action,
): Promise<ReadonlySet<string>> => {
  const creates = action.kind === 'push' && action.updates !== 'unknown' && action.updates.some(isCreation)
  if (!creates || rules.length === 0) return new Set()
  const tips = new Set<string>()
  for (const [ref, id] of await repositories.refs(repository)) {
    if (ref.startsWith(heads) && matchingRules(rules, 'branch', ref.slice(heads.length)).length > 0) tips.add(id)
  }
  return tips
}

/** Store and repositories together answer what `decide` may ask. */
export const makeFactSource = (store: StoredFactSource, repositories: RepositoryState, baseUrl: () => string): FactSource => ({
  locate: (path) => store.locate(path),
  async gather(principal, path, action) {
    const stored = await store.read(principal, path)
    const id = stored.project?.id
    return {
      ...stored,
      repositoryExists: id !== undefined && (await repositories.exists(id)),
      protectedTips: id === undefined ? new Set() : await protectedTips(repositories, id, stored.rules, action),
      baseUrl: baseUrl(),
    }
  },
})
