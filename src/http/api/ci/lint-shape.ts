import { z } from 'zod'
import type { Checked } from '../../../ci/compile.ts'
import type { PlannedJob } from '../../../ci/plan.ts'
import { whyEmpty } from '../../../pipelines/create.ts'
import { words, yesNo } from '../entity-words.ts'

const jobEntity = z.object({
  name: words,
  stage: words,
  before_script: z.array(words),
  script: z.array(words),
  after_script: z.array(words),
  tag_list: z.array(words),
  environment: words.nullable(),
  when: words,
  allow_failure: yesNo,
  needs: z.array(z.object({ name: words, artifacts: yesNo, optional: yesNo })).nullable(),
})

const includeEntity = z.object({
  type: z.literal('local'),
  location: words,
  blob: words.nullable(),
  raw: words.nullable(),
  extra: z.object({}),
  context_project: words,
  context_sha: words.nullable(),
})

/** gitlab `lib/api/entities/ci/lint/result.rb` */
export const lintEntity = z
  .object({
    valid: yesNo,
    errors: z.array(words),
    warnings: z.array(words),
    merged_yaml: words.nullable(),
    includes: z.array(includeEntity),
    jobs: z.array(jobEntity).optional(),
  })
  .meta({ id: 'CiLintResult' })

const shapeJob = (job: PlannedJob): z.output<typeof jobEntity> => ({
  name: job.name,
  stage: job.stage,
  // They are one list by then.
  before_script: [],
  script: [...job.options.script],
  after_script: [...job.options.afterScript],
  tag_list: [...job.tags],
  environment: job.options.environment?.name ?? null,
  when: job.when,
  allow_failure: job.allowFailure === true,
  needs: job.needs?.map(({ job: name, artifacts, optional }) => ({ name, artifacts, optional })) ?? null,
})

/** Where the configuration was read, for what it includes. */
export interface LintPlace {
  readonly project: string
  readonly commit: string | undefined
}

/** @param checked with the whole configuration as text, null where it could not be read */
export const shapeLint = (
  checked: Omit<Checked, 'merged'> & { readonly merged: string | null },
  place: LintPlace,
  withJobs: boolean,
): z.output<typeof lintEntity> => {
  const { compiled, merged, includes } = checked
  const errors = compiled.kind === 'empty' ? [whyEmpty[compiled.reason]] : compiled.kind === 'invalid' ? compiled.errors : []
  const warnings = compiled.kind === 'planned' ? compiled.plan.warnings : compiled.kind === 'invalid' ? compiled.warnings : []
  const jobs = compiled.kind === 'planned' ? compiled.plan.jobs.map(shapeJob) : []
  return {
    valid: errors.length === 0,
    errors: [...errors],
    warnings: [...warnings],
    merged_yaml: merged,
    includes: includes.map(({ location }) => ({
      type: 'local',
      location,
      blob: null,
      raw: null,
      extra: {},
      context_project: place.project,
      context_sha: place.commit ?? null,
    })),
    ...(withJobs && { jobs }),
  }
}
