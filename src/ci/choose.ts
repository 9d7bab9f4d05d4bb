import type { Scope } from './expression.ts'
import type { Job } from './job.ts'
import { Effort } from './pattern.ts'
import type { PipelineFile } from './pipeline-file.ts'
import type { PipelineContext, PlannedJob, PlannedVariable, When } from './plan.ts'
import { isKept, standardPolicy } from './policy.ts'
import { firstFulfilled, type Rule } from './rules.ts'
import { mergeVariables } from './variables.ts'

/** What the rules of `workflow` leave: nothing, or the variables that they add. */
export const chooseWorkflow = (file: PipelineFile, chooser: Chooser): readonly PlannedVariable[] | undefined => {
  const { rules } = file.workflow
  if (rules === undefined) return []
  const rule = firstFulfilled(rules, chooser.scope(file.variables))
  return rule === undefined || rule.when === 'never' ? undefined : rule.variables
}

const asked = (
  job: Job,
  rule: Rule | undefined,
): Pick<PlannedJob, 'allowFailure' | 'startIn' | 'needs'> & { when: When | 'never' } => ({
  when: rule?.when ?? job.when ?? 'on_success',
  startIn: rule?.startIn ?? job.startIn,
  // A manual job may fail unless it says otherwise; one that a rule makes manual may not.
  allowFailure: rule?.allowFailure ?? job.allowFailure ?? job.when === 'manual',
  needs: rule?.needs ?? job.needs,
})

/** Asks the rules of one configuration for one pipeline. */
export class Chooser {
  readonly #context: PipelineContext
  readonly #effort = new Effort()

  constructor(context: PipelineContext) {
    this.#context = context
  }

  /** What is set for the project and the pipeline is above what the configuration sets. */
  scope(variables: readonly PlannedVariable[]): Scope {
    const own = variables.map(({ key, value }): [string, string] => [key, value])
    return { variables: new Map([...own, ...this.#context.variables]), effort: this.#effort }
  }

  /** The rule that lets a job in, true where it has none, false where the job is kept out. Throws `TooMuchEffort`. */
  admits(job: Job, variables: readonly PlannedVariable[], hasWorkflowRules: boolean): Rule | boolean {
    if (job.rules === undefined) {
      const only = job.only ?? (hasWorkflowRules ? undefined : standardPolicy)
      return isKept(only, job.except, this.#context, this.scope(variables))
    }
    return firstFulfilled(job.rules, this.scope(variables)) ?? false
  }
}

const inherited = (job: Job, variables: readonly PlannedVariable[]): readonly PlannedVariable[] => {
  const { inheritsVariables: taken } = job
  if (typeof taken === 'boolean') return taken ? variables : []
  const names = new Set(taken)
  return variables.filter(({ key }) => names.has(key))
}

/** The job as it is in the pipeline; undefined where its rules keep it out. Without a chooser no rule is asked. */
export const planJob = (
  job: Job,
  file: PipelineFile,
  variables: readonly PlannedVariable[],
  chooser: Chooser | undefined,
): PlannedJob | undefined => {
  const own = mergeVariables(inherited(job, variables), job.variables)
  const admitted = chooser?.admits(job, own, file.workflow.rules !== undefined) ?? true
  if (admitted === false) return undefined
  const rule = admitted === true ? undefined : admitted
  const { when, ...rest } = asked(job, rule)
  if (when === 'never') return undefined
  return {
    name: job.name,
    stage: job.stage,
    stageIndex: file.stages.indexOf(job.stage),
    when,
    ...rest,
    retry: job.retry,
    timeout: job.timeout,
    tags: job.tags,
    variables: mergeVariables(own, rule?.variables ?? []),
    options: job.options,
  }
}
