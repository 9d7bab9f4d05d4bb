import type { Findings } from './invalid.ts'
import { defaultKeys, type Job, readJob } from './job.ts'
import type { PlannedVariable } from './plan.ts'
import { Reading } from './reading.ts'
import { type Rule, readRules } from './rules.ts'
import { emptyMapping, isMapping, type Mapping, sizeOf } from './value.ts'
import { readVariables } from './variables.ts'

const mostJobs = 500
/** What stands for all jobs is in each of them: so much of it over all. */
const mostCopied = 500_000
const oldGlobals = ['before_script', 'after_script', 'image', 'services', 'cache']
const words: ReadonlySet<string> = new Set([...oldGlobals, 'stages', 'types', 'default', 'variables', 'workflow', 'spec'])

/** A whole configuration as it is written, before any rule is asked. */
export interface PipelineFile {
  readonly stages: readonly string[]
  readonly variables: readonly PlannedVariable[]
  readonly workflow: { readonly rules: readonly Rule[] | undefined; readonly name: string | undefined }
  readonly jobs: readonly Job[]
}

const readStages = (root: Reading): readonly string[] => {
  const between = root.texts('stages') ?? root.texts('types') ?? ['build', 'test', 'deploy']
  return ['.pre', ...new Set(between.filter((stage) => stage !== '.pre' && stage !== '.post')), '.post']
}

const readDefaults = (config: Mapping, findings: Findings): Mapping => {
  const value = config.get('default') ?? emptyMapping
  if (!isMapping(value)) findings.error('default config should be a hash')
  const written = isMapping(value) ? value : emptyMapping
  new Reading(written, 'default', findings).only(defaultKeys)
  return new Map([...[...config].filter(([key]) => oldGlobals.includes(key)), ...written])
}

const readWorkflow = (root: Reading): PipelineFile['workflow'] => {
  const reading = root.mapping('workflow')?.only(new Set(['rules', 'name', 'auto_cancel']))
  return { rules: reading && readRules(reading), name: reading?.text('name') }
}

const readJobs = (config: Mapping, findings: Findings): readonly Job[] => {
  const defaults = readDefaults(config, findings)
  const visible = [...config].filter(([name]) => !name.startsWith('.') && !words.has(name))
  const copied = sizeOf(defaults, mostCopied) + sizeOf(config.get('variables') ?? null, mostCopied)
  const jobs: Job[] = []
  if (copied * visible.length > mostCopied) {
    findings.error('The parsed YAML is too big')
    return jobs
  }
  if (visible.length > mostJobs) {
    findings.error(`The number of jobs has exceeded the limit of ${mostJobs}.`)
    return jobs
  }
  for (const [name, value] of visible) {
    const isJob = isMapping(value) && ['script', 'run', 'trigger'].some((key) => value.has(key))
    if (isJob) jobs.push(readJob(name, value, defaults, findings))
    else findings.error(`jobs ${name} config should implement the script:, run:, or trigger: keyword`)
  }
  if (jobs.length === 0) findings.error('jobs config should contain at least one visible job')
  return jobs
}

/** Reads a configuration; what is wrong with it is among the findings. */
export const readPipelineFile = (config: Mapping, findings: Findings): PipelineFile => {
  const root = new Reading(config, 'root', findings)
  if (root.has('spec')) findings.error('spec is not supported')
  const top = new Reading(new Map([...config].filter(([key]) => words.has(key))), 'root', findings)
  return {
    stages: readStages(top),
    variables: readVariables(top) ?? [],
    workflow: readWorkflow(top),
    jobs: readJobs(config, findings),
  }
}
