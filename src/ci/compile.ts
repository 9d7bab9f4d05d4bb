import { Chooser, chooseWorkflow, planJob } from './choose.ts'
import { type Included, readWithIncludes } from './include.ts'
import { extendJobs } from './inheritance.ts'
import { Findings, Invalid } from './invalid.ts'
import { checkLeft, checkOrder } from './job-order.ts'
import { TooMuchEffort } from './pattern.ts'
import { type PipelineFile, readPipelineFile } from './pipeline-file.ts'
import type { Compiled, FileReader, InvalidConfiguration, PipelineContext, PlannedVariable } from './plan.ts'
import { resolveReferences } from './references.ts'
import { type Mapping, sizeOf, writtenSize } from './value.ts'
import { mergeVariables } from './variables.ts'
import { mostNodes } from './yaml-text.ts'

/** Characters of a configuration with nothing left in it that names something else. */
const mostWritten = 8 * 2 ** 20

/** What a lint tells besides. */
export interface Checked {
  readonly compiled: Compiled
  /** With includes, `extends` and references put in; undefined where it could not be read. */
  readonly merged: Mapping | undefined
  readonly includes: readonly Included[]
}

const refused = (findings: Findings): InvalidConfiguration => ({
  kind: 'invalid',
  errors: findings.errors,
  warnings: findings.warnings,
})

const invalid = (sentence: string): InvalidConfiguration => ({ kind: 'invalid', errors: [sentence], warnings: [] })

/** Variables in the name of a workflow. */
const expand = (text: string, variables: ReadonlyMap<string, string>): string =>
  text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, bare) => variables.get(braced ?? bare) ?? '').slice(0, 255)

const plan = (file: PipelineFile, chooser: Chooser | undefined, findings: Findings): Compiled => {
  const added: readonly PlannedVariable[] | undefined = chooser === undefined ? [] : chooseWorkflow(file, chooser)
  if (added === undefined) return { kind: 'empty', reason: 'workflow' }
  const variables = mergeVariables(file.variables, added)
  const jobs = file.jobs.map((job) => planJob(job, file, variables, chooser)).filter((job) => job !== undefined)
  checkLeft(jobs, findings)
  if (findings.errors.length > 0) return refused(findings)
  if (jobs.every(({ stage }) => stage === '.pre' || stage === '.post')) return { kind: 'empty', reason: 'no jobs' }
  const name = file.workflow.name
  const shown = name === undefined || chooser === undefined ? name : expand(name, chooser.scope(variables).variables)
  return { kind: 'planned', plan: { stages: file.stages, jobs, name: shown, warnings: findings.warnings } }
}

const build = (merged: Mapping, context: PipelineContext | undefined): Compiled => {
  const findings = new Findings()
  const file = readPipelineFile(merged, findings)
  checkOrder(file.jobs, file.stages, findings)
  if (findings.errors.length > 0) return refused(findings)
  try {
    return plan(file, context && new Chooser(context), findings)
  } catch (fault) {
    if (fault instanceof TooMuchEffort) return invalid('The regular expressions of the configuration take too long')
    throw fault
  }
}

const merge = (config: Mapping): Mapping => {
  const merged = resolveReferences(extendJobs(config))
  const isTooBig = sizeOf(merged, mostNodes) > mostNodes || writtenSize(merged, mostWritten) > mostWritten
  if (isTooBig) throw new Invalid('The parsed YAML is too big')
  return merged
}

/** Reads a configuration for a pipeline, or without context with all its jobs, as no rule is asked. Never throws for what is in it. */
export const check = async (text: string, context: PipelineContext | undefined, readFile: FileReader): Promise<Checked> => {
  if (text.trim() === '')
    return { compiled: invalid('Please provide content of .gitlab-ci.yml'), merged: undefined, includes: [] }
  try {
    const { config, includes } = await readWithIncludes(text, readFile)
    const merged = merge(config)
    return { compiled: build(merged, context), merged, includes }
  } catch (fault) {
    if (fault instanceof Invalid) return { compiled: invalid(fault.message), merged: undefined, includes: [] }
    throw fault
  }
}

/** The plan of a pipeline, or why there is none. What is wrong in the text is an answer, not a fault. */
export const compile = async (text: string, context: PipelineContext, readFile: FileReader): Promise<Compiled> =>
  (await check(text, context, readFile)).compiled
