import { commitFactsFor } from './commit-facts.ts'
import { commitVariables } from './commit-variables.ts'
import type { VariableParts } from './parts.ts'
import type { PayloadVariable } from './payload-shape.ts'
import { projectVariables, userVariables } from './project-variables.ts'
import type { FindRuleVariables } from './rule-request.ts'
import { serverVariables } from './server-variables.ts'
import { keptVariables, triggerVariables } from './stored-variables.ts'
import { type Subject, subjectOf } from './subject.ts'
import { shown } from './variable.ts'

/** What everything in a pipeline is told alike: of the server, the project and the commit. */
export const predefinedVariables = async (parts: VariableParts, subject: Subject): Promise<PayloadVariable[]> => [
  ...(await triggerVariables(parts, subject)),
  ...serverVariables(parts),
  ...projectVariables(parts, subject),
  shown('CI_PIPELINE_SOURCE', subject.source),
  ...commitVariables(subject, await commitFactsFor(parts, subject)),
]

/**
 * The variables that rules may ask for, while there is no pipeline yet: predefined ones, and over them those of groups,
 * project and pipeline. Their values never leave the server (gitlab `scoped_variables_for_pipeline_seed`).
 */
export const ruleVariables: FindRuleVariables = async (parts, request) => {
  const subject = await subjectOf(parts.store.read, request, parts.clock())
  const all = [
    ...(await predefinedVariables(parts, subject)),
    ...userVariables(subject),
    ...(await keptVariables(parts, subject, undefined)),
    ...request.variables,
  ]
  return new Map(all.map(({ key, value }) => [key, value]))
}
