import type { ApiGate } from '../access/api-gate.ts'
import type { PipelineSource } from '../ci/states.ts'
import type { TriggerId, UserId } from '../core/ids.ts'
import type { Repositories } from '../git/repositories.ts'
import type { NewVariable, PipelineRow } from '../store/ci/pipelines.ts'
import type { Project } from '../store/projects.ts'
import type { Store } from '../store/sqlite.ts'
import type { CodeAccess, VariableParts } from './parts.ts'

export interface CreateParts extends VariableParts {
  readonly store: Store
  readonly repositories: Pick<Repositories, 'directoryOf'> & { refs(id: Project['id']): Promise<ReadonlyMap<string, string>> }
  readonly code: CodeAccess & { readonly gate: Pick<ApiGate, 'inspect' | 'stillInspects' | 'refusalToPush'> }
  readonly clock: () => number
}

export interface CreateRequest {
  readonly project: Project
  /** As whom it is asked for; the jobs have this user's rights. */
  readonly user: UserId
  /** A job asks: then its user has no power from being an administrator. */
  readonly byJob?: boolean
  /** Short name of a branch or tag, and which of the two; without `tag` it is looked for, branches first. */
  readonly ref: string
  readonly tag?: boolean
  /** What the ref is; undefined: what it is now. */
  readonly objectId?: string
  readonly beforeSha?: string
  readonly source: PipelineSource
  readonly variables: readonly NewVariable[]
  readonly triggerId?: TriggerId
  /** Said with the push, or `[ci skip]` in the message counts: a pipeline that is skipped from its beginning. */
  readonly skip?: boolean
  /** A configuration with errors leaves a failed pipeline behind. */
  readonly keepErrors: boolean
}

/** `kept`: a failed pipeline was made, which says why. */
export type CreateOutcome =
  | { readonly kind: 'created'; readonly pipeline: PipelineRow }
  | { readonly kind: 'refused'; readonly errors: readonly string[]; readonly kept?: PipelineRow }
