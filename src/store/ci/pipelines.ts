import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { Plan, PlannedJob } from '../../ci/plan.ts'
import type { PipelineSource, PipelineStatus } from '../../ci/states.ts'
import type { PipelineId, ProjectId, TriggerId, UserId, VariableId } from '../../core/ids.ts'
import { Secret } from '../../core/secret.ts'
import type { SealedPlace, Sealer } from '../../tokens/seal.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Schema } from '../schema.ts'
import { flagOf } from '../users.ts'
import { advancePipeline } from './jobs.ts'
import type { PipelinesTable, PipelineVariablesTable, VariableType } from './schema.ts'

export type PipelineRow = Selectable<PipelinesTable>
export type PipelineVariableRow = Selectable<PipelineVariablesTable>
export type PipelineQuery = SelectQueryBuilder<Schema, 'pipelines', PipelineRow>

/** Where the value of a pipeline's variable is sealed. */
export const placeOfPipelineVariable = (id: VariableId): SealedPlace => ({
  table: 'pipeline_variables',
  column: 'sealed',
  row: id,
})

export const pipelinesOf = (reader: Reader, project: ProjectId): PipelineQuery =>
  reader.selectFrom('pipelines').selectAll().where('project_id', '=', project)

export const pipelineById = (reader: Reader, id: PipelineId): Promise<PipelineRow | undefined> =>
  reader.selectFrom('pipelines').selectAll().where('id', '=', id).executeTakeFirst()

export const pipelineVariablesOf = (reader: Reader, pipeline: PipelineId): Promise<PipelineVariableRow[]> =>
  reader.selectFrom('pipeline_variables').selectAll().where('pipeline_id', '=', pipeline).orderBy('id').execute()

export interface NewVariable {
  readonly key: string
  readonly value: string
  readonly type: VariableType
}

export interface NewPipeline {
  readonly project: ProjectId
  readonly user: UserId
  readonly ref: string
  readonly tag: boolean
  readonly sha: string
  readonly beforeSha: string
  readonly source: PipelineSource
  readonly triggerId: TriggerId | null
  readonly variables: readonly NewVariable[]
  /** The ref is protected. */
  readonly protected: boolean
  /** Seconds, for jobs that name none. */
  readonly timeout: number
}

/** What there is to do; or why there is nothing. */
export type Work =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'failed'; readonly errors: readonly string[] }
  | { readonly kind: 'skipped' }

const nextNumber = async (transaction: Writer, project: ProjectId): Promise<number> => {
  const { last } = await transaction
    .selectFrom('pipelines')
    .where('project_id', '=', project)
    .select((expression) => expression.fn.max('iid').as('last'))
    .executeTakeFirstOrThrow()
  return (last ?? 0) + 1
}

const startStatus = (work: Work): PipelineStatus => (work.kind === 'plan' ? 'created' : work.kind)

const insertRow = async (transaction: Writer, pipeline: NewPipeline, work: Work, now: number): Promise<PipelineId> => {
  const time = instantOf(now)
  const row = await transaction
    .insertInto('pipelines')
    .values({
      project_id: pipeline.project,
      iid: await nextNumber(transaction, pipeline.project),
      sha: pipeline.sha,
      before_sha: pipeline.beforeSha,
      ref: pipeline.ref,
      tag: flagOf(pipeline.tag),
      source: pipeline.source,
      status: startStatus(work),
      name: work.kind === 'plan' ? (work.plan.name ?? null) : null,
      yaml_errors: work.kind === 'failed' ? JSON.stringify(work.errors) : null,
      user_id: pipeline.user,
      trigger_id: pipeline.triggerId,
      created_at: time,
      updated_at: time,
      finished_at: work.kind === 'plan' ? null : time,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

const jobValues = (pipeline: NewPipeline, id: PipelineId, job: PlannedJob, position: number, now: number) => ({
  kind: 'job' as const,
  project_id: pipeline.project,
  pipeline_id: id,
  name: job.name,
  stage: job.stage,
  stage_index: job.stageIndex,
  position,
  status: 'created' as const,
  user_id: pipeline.user,
  ref: pipeline.ref,
  tag: flagOf(pipeline.tag),
  sha: pipeline.sha,
  when_to_run: job.when,
  start_in: job.startIn ?? null,
  allow_failure: JSON.stringify(job.allowFailure),
  retry: JSON.stringify(job.retry),
  attempt: 0,
  retried: 0 as const,
  needs: job.needs === undefined ? null : JSON.stringify(job.needs),
  tags: JSON.stringify(job.tags),
  options: JSON.stringify(job.options),
  variables: JSON.stringify(job.variables),
  timeout: job.timeout ?? pipeline.timeout,
  protected: flagOf(pipeline.protected),
  created_at: instantOf(now),
})

/** The seal is bound to the row's number, so it comes second. */
const insertVariable = async (
  transaction: Writer,
  pipeline: PipelineId,
  variable: NewVariable,
  sealer: Sealer,
): Promise<void> => {
  const { id } = await transaction
    .insertInto('pipeline_variables')
    .values({ pipeline_id: pipeline, key: variable.key, sealed: '', variable_type: variable.type, raw: 0 })
    .returning('id')
    .executeTakeFirstOrThrow()
  const sealed = sealer.seal(new Secret(variable.value), placeOfPipelineVariable(id))
  await transaction.updateTable('pipeline_variables').set({ sealed }).where('id', '=', id).execute()
}

/** A pipeline with its jobs and variables; the jobs whose turn is at once wait for runners when this returns. */
export const insertPipeline = async (
  transaction: Writer,
  pipeline: NewPipeline,
  work: Work,
  sealer: Sealer,
  now: number,
): Promise<PipelineRow> => {
  const id = await insertRow(transaction, pipeline, work, now)
  for (const variable of pipeline.variables) await insertVariable(transaction, id, variable, sealer)
  if (work.kind === 'plan') {
    for (const [position, job] of work.plan.jobs.entries()) {
      await transaction
        .insertInto('jobs')
        .values(jobValues(pipeline, id, job, position, now))
        .execute()
    }
    await advancePipeline(transaction, id, now)
  }
  return transaction.selectFrom('pipelines').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** With its jobs. Whether it was still there. */
export const deletePipeline = async (transaction: Writer, id: PipelineId): Promise<boolean> => {
  const { numDeletedRows } = await transaction.deleteFrom('pipelines').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
