import type { Findings } from './invalid.ts'
import type { Job } from './job.ts'
import type { Need } from './plan.ts'

interface Known {
  readonly stages: ReadonlyMap<string, number>
  readonly jobs: ReadonlyMap<string, Job>
  readonly findings: Findings
}

const needsOf = (job: Job): readonly Need[] => [...(job.needs ?? []), ...(job.rules ?? []).flatMap(({ needs }) => needs ?? [])]

/** A name that a job waits for: there, and not of a later stage. */
const checkName = (job: Job, name: string, word: 'need' | 'dependency', { stages, jobs, findings }: Known): void => {
  const other = jobs.get(name)
  if (other === undefined) findings.error(`${job.name} job: undefined ${word}: ${name}`)
  else if ((stages.get(other.stage) ?? -1) > (stages.get(job.stage) ?? -1)) {
    findings.error(`${job.name} job: ${word} ${name} is not defined in current or prior stages`)
  }
}

const checkDependencies = (job: Job, known: Known): void => {
  const { dependencies } = job.options
  for (const name of dependencies ?? []) checkName(job, name, 'dependency', known)
  if (job.needs === undefined || dependencies === undefined || job.needs.length === 0) return
  const missing = dependencies.filter((name) => !job.needs?.some((need) => need.job === name))
  if (missing.length > 0) known.findings.error(`jobs:${job.name} dependencies the ${missing.join(', ')} should be part of needs`)
}

const hasCycle = (jobs: ReadonlyMap<string, Job>): boolean => {
  const left = new Map(
    [...jobs].map(([name, job]) => [
      name,
      needsOf(job)
        .map((need) => need.job)
        .filter((other) => jobs.has(other)),
    ]),
  )
  for (let removed = true; removed; ) {
    const free = [...left].filter(([, needs]) => !needs.some((name) => left.has(name)))
    for (const [name] of free) left.delete(name)
    removed = free.length > 0
  }
  return left.size > 0
}

/** Stages, `needs` and `dependencies`, before any rule is asked (gitlab `lib/gitlab/ci/yaml_processor.rb`). */
export const checkOrder = (list: readonly Job[], stages: readonly string[], findings: Findings): void => {
  const places = new Map(stages.map((stage, at) => [stage, at]))
  const known = { stages: places, jobs: new Map(list.map((job) => [job.name, job])), findings }
  for (const job of list) {
    if (!places.has(job.stage)) {
      findings.error(`${job.name} job: chosen stage ${job.stage} does not exist; available stages are ${stages.join(', ')}`)
      continue
    }
    const needs = needsOf(job)
    const names = (job.needs ?? []).map((need) => need.job)
    if (new Set(names).size < names.length)
      findings.error(`${job.name} has the following needs duplicated: ${names.find((name, at) => names.indexOf(name) !== at)}.`)
    for (const need of needs) if (!need.optional || known.jobs.has(need.job)) checkName(job, need.job, 'need', known)
    checkDependencies(job, known)
  }
  if (hasCycle(known.jobs)) findings.error('The pipeline has circular dependencies')
}

/** Needs of jobs that the rules have left out (gitlab `lib/gitlab/ci/pipeline/seed/build.rb`). */
export const checkLeft = (
  left: readonly { readonly name: string; readonly needs: readonly Need[] | undefined }[],
  findings: Findings,
): void => {
  const names = new Set(left.map(({ name }) => name))
  for (const { name, needs } of left) {
    for (const need of needs ?? []) {
      if (need.optional || names.has(need.job)) continue
      findings.error(
        `'${name}' job needs '${need.job}' job, but '${need.job}' does not exist in the pipeline. This might be because of the only, except, or rules keywords. To need a job that sometimes does not exist in the pipeline, use needs:optional.`,
      )
    }
  }
}
