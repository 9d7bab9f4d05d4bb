import type { PipelineSource } from '../ci/states.ts'
import type { ProjectId, TriggerId, UserId } from '../core/ids.ts'
import type { VariableParts } from './parts.ts'

/** A pipeline that is to be made, as its rules may ask about it. */
export interface RuleRequest {
  readonly project: ProjectId
  /** Short name of the branch or tag. */
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  /** 40 zeros where there is none. */
  readonly beforeSha: string
  readonly source: PipelineSource
  readonly user: UserId | undefined
  readonly trigger: TriggerId | undefined
  /** Given by whoever begins it. */
  readonly variables: readonly { readonly key: string; readonly value: string }[]
}

/** How `predefined.ts` finds the variables for expressions. */
export type FindRuleVariables = (parts: VariableParts, request: RuleRequest) => Promise<ReadonlyMap<string, string>>
