import type { Selectable } from 'kysely'
import { z } from 'zod'
import { failureReasons } from '../../../ci/states.ts'
import type { JobId } from '../../../core/ids.ts'
import { type JobRow, mayFail } from '../../../store/ci/jobs.ts'
import type { PipelineRow } from '../../../store/ci/pipelines.ts'
import type { JobArtifactsTable } from '../../../store/ci/schema.ts'
import type { Project } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { link, maybeMoment, maybeWords, momentWords, nothing, wholeNumber, words, yesNo } from '../entity-words.ts'
import { webUrl } from '../urls.ts'
import { briefUsers, userBriefEntity } from '../users/user-brief.ts'
import { pipelineBriefEntity, shapePipelineBriefly } from './pipeline-shape.ts'

const seconds = z.number().nullable()

const artifactEntity = z.object({ file_type: words, size: wholeNumber, filename: words, file_format: maybeWords })

const runnerEntity = z.object({
  id: wholeNumber,
  description: words,
  active: yesNo,
  paused: yesNo,
  is_shared: yesNo,
  runner_type: words,
  name: nothing,
})

/** gitlab `API::Entities::Ci::Job` */
export const jobEntity = z
  .object({
    id: wholeNumber,
    status: words,
    stage: words,
    name: words,
    ref: words,
    tag: yesNo,
    coverage: nothing,
    allow_failure: yesNo,
    created_at: momentWords,
    started_at: maybeMoment,
    finished_at: maybeMoment,
    erased_at: maybeMoment,
    duration: seconds,
    queued_duration: seconds,
    user: userBriefEntity.nullable(),
    commit: nothing,
    /** Null for a lease. */
    pipeline: pipelineBriefEntity.nullable(),
    failure_reason: z.enum(failureReasons).optional(),
    web_url: link,
    /** Whether a project's jobs reach out to listed projects alone; that is no setting here. */
    project: z.object({ ci_job_token_scope_enabled: z.literal(false) }),
    artifacts_file: z.object({ filename: words, size: wholeNumber }).optional(),
    artifacts: z.array(artifactEntity),
    runner: runnerEntity.nullable(),
    artifacts_expire_at: maybeMoment,
    archived: yesNo,
    tag_list: z.array(words),
  })
  .meta({ id: 'Job' })

type JobShape = z.output<typeof jobEntity>

const present = <Value>(values: readonly (Value | null)[]): Value[] => values.filter((value) => value !== null)

const pipelinesBy = async ({ parts }: Call, rows: readonly JobRow[]): Promise<ReadonlyMap<number, PipelineRow>> => {
  const ids = present(rows.map(({ pipeline_id }) => pipeline_id))
  const found = await parts.store.read.selectFrom('pipelines').selectAll().where('id', 'in', ids).execute()
  return new Map(found.map((row) => [row.id, row]))
}

const runnersBy = async ({ parts }: Call, rows: readonly JobRow[]) => {
  const ids = present(rows.map(({ runner_id }) => runner_id))
  const found = await parts.store.read.selectFrom('runners').selectAll().where('id', 'in', ids).execute()
  return new Map(
    found.map(({ id, description, paused, runner_type }) => [
      id,
      {
        id,
        description,
        active: paused === 0,
        paused: paused === 1,
        is_shared: runner_type === 'instance_type',
        runner_type,
        name: null,
      },
    ]),
  )
}

const artifactsBy = async ({ parts }: Call, rows: readonly JobRow[]) => {
  const ids: readonly JobId[] = rows.map(({ id }) => id)
  const found = await parts.store.read.selectFrom('job_artifacts').selectAll().where('job_id', 'in', ids).orderBy('id').execute()
  return Map.groupBy(found, ({ job_id }) => job_id)
}

const span = (from: string | null, to: string | null | number): number | null => {
  if (from === null || to === null) return null
  const end = typeof to === 'number' ? to : Date.parse(to)
  return Math.max((end - Date.parse(from)) / 1000, 0)
}

const timesOf = (row: JobRow, now: number) => ({
  created_at: row.created_at,
  started_at: row.started_at,
  finished_at: row.finished_at,
  erased_at: row.erased_at,
  duration: span(row.started_at, row.finished_at ?? now),
  queued_duration: span(row.queued_at, row.started_at ?? row.finished_at ?? now),
})

const artifactWords = (artifacts: readonly Selectable<JobArtifactsTable>[]) => {
  const archive = artifacts.find(({ file_type }) => file_type === 'archive')
  return {
    ...(archive && { artifacts_file: { filename: archive.filename, size: archive.size } }),
    artifacts: artifacts.map(({ file_type, size, filename, file_format }) => ({ file_type, size, filename, file_format })),
    artifacts_expire_at: archive?.expires_at ?? null,
  }
}

const ownWords = (call: Call, project: Project, row: JobRow) => ({
  id: row.id,
  status: row.status,
  stage: row.stage,
  name: row.name,
  ref: row.ref,
  tag: row.tag === 1,
  coverage: null,
  allow_failure: mayFail(row),
  ...timesOf(row, call.now),
  commit: null,
  ...(row.status === 'failed' && row.failure_reason !== null && { failure_reason: row.failure_reason }),
  web_url: webUrl(call.parts.settings, `${project.full_path}/-/jobs/${row.id}`),
  archived: false,
  tag_list: JSON.parse(row.tags) as string[],
})

/** Jobs of one project, with what belongs to them in one query each. */
export const shapeJobs = async (call: Call, project: Project, rows: readonly JobRow[]): Promise<JobShape[]> => {
  if (rows.length === 0) return []
  const [users, pipelines, runners, artifacts] = await Promise.all([
    briefUsers(call, present(rows.map(({ user_id }) => user_id))),
    pipelinesBy(call, rows),
    runnersBy(call, rows),
    artifactsBy(call, rows),
  ])
  return rows.map((row) => {
    const pipeline = row.pipeline_id === null ? undefined : pipelines.get(row.pipeline_id)
    return {
      ...ownWords(call, project, row),
      user: (row.user_id === null ? undefined : users.get(row.user_id)) ?? null,
      pipeline: pipeline === undefined ? null : shapePipelineBriefly(call, project, pipeline),
      project: { ci_job_token_scope_enabled: false as const },
      runner: (row.runner_id === null ? undefined : runners.get(row.runner_id)) ?? null,
      ...artifactWords(artifacts.get(row.id) ?? []),
    }
  })
}

export const shapeJob = async (call: Call, project: Project, row: JobRow): Promise<JobShape> => {
  const [shape] = await shapeJobs(call, project, [row])
  if (shape === undefined) throw new Error('a job has a shape')
  return shape
}
