import type { VariableParts } from './parts.ts'
import type { Running } from './subject.ts'

/** A pipeline that is to be made, as its rules may ask about it. */
export interface RuleRequest extends Running {
  /** Given by whoever begins it. */
  readonly variables: readonly { readonly key: string; readonly value: string }[]
}

/** How `predefined.ts` finds the variables for expressions. */
export type FindRuleVariables = (parts: VariableParts, request: RuleRequest) => Promise<ReadonlyMap<string, string>>
