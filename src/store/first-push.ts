import { isValidRefName } from '../access/rules/ref-name.ts'
import type { Clock } from '../core/clock.ts'
import type { ProjectId } from '../core/ids.ts'
import { branchOf } from '../core/ref-update.ts'
import { adoptDefaultBranch } from './default-branch.ts'
import { projectById } from './projects.ts'
import type { Store } from './sqlite.ts'

/** What a repository says of its refs, and where its `HEAD` is set. */
export interface RepositoryHead {
  /** Full ref names to object ids. */
  refs(id: ProjectId): Promise<ReadonlyMap<string, string>>
  /** The branch that `HEAD` names, whether it exists or not; undefined for a detached one. */
  head(id: ProjectId): Promise<string | undefined>
  setHead(id: ProjectId, branch: string): Promise<void>
}

const preferred = ['main', 'master']

/** What `HEAD` names, if it exists; else the usual names; else the first by name. */
const chooseBranch = (branches: ReadonlySet<string>, head: string | undefined): string | undefined =>
  [head, ...preferred].find((name) => name !== undefined && branches.has(name)) ?? [...branches].sort()[0]

const branchesOf = (refs: ReadonlyMap<string, string>): ReadonlySet<string> =>
  new Set([...refs.keys()].filter(isValidRefName).flatMap((ref) => branchOf(ref) ?? []))

/**
 * After a push: gives a project that had no branch its default branch, `HEAD` on disk, and the protection that the
 * namespace asks for. Does nothing where there is a default branch already, or still no branch.
 */
export const settleFirstPush = async (
  store: Store,
  repositories: RepositoryHead,
  project: ProjectId,
  clock: Clock = Date.now,
): Promise<void> => {
  const [refs, head] = await Promise.all([repositories.refs(project), repositories.head(project)])
  const branch = chooseBranch(branchesOf(refs), head)
  if (branch === undefined) return
  await store.write.transaction().execute(async (transaction) => {
    const row = await projectById(transaction, project)
    if (row === undefined || row.default_branch !== null) return
    if (branch !== head) await repositories.setHead(project, branch)
    await adoptDefaultBranch(transaction, row, branch, clock())
  })
}
