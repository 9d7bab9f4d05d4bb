import type { Selectable, SelectQueryBuilder, Transaction } from 'kysely'
import { advance, type JobState, type Step } from '../../ci/advance.ts'
import type { Need } from '../../ci/plan.ts'
import { hasEnded, type PipelineStatus } from '../../ci/states.ts'
import type { JobId, PipelineId, ProjectId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader } from '../routes.ts'
import type { Schema } from '../schema.ts'
import type { JobsTable } from './schema.ts'

export type JobRow = Selectable<JobsTable>

export type JobQuery = SelectQueryBuilder<Schema, 'jobs', JobRow>

export const findJob = (reader: Reader, id: JobId): Promise<JobRow | undefined> =>
  reader.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()

/** Jobs of a project's pipelines; leases are none. */
export const jobsOfProject = (reader: Reader, project: ProjectId): JobQuery =>
  reader.selectFrom('jobs').selectAll().where('project_id', '=', project).where('kind', '=', 'job')

/** All jobs of a pipeline, those that others took the place of among them. */
export const jobsOf = (reader: Reader, pipeline: PipelineId): JobQuery =>
  reader.selectFrom('jobs').selectAll().where('pipeline_id', '=', pipeline)

export const needsOf = ({ needs }: Pick<JobRow, 'needs'>): readonly Need[] | undefined =>
  needs === null ? undefined : (JSON.parse(needs) as readonly Need[])

/** A list of exit codes is decided on when the job ends, and is written over with `true` or left. */
export const mayFail = ({ allow_failure }: Pick<JobRow, 'allow_failure'>): boolean => allow_failure === 'true'

const stateOf = (
  row: Pick<JobRow, 'id' | 'name' | 'status' | 'stage_index' | 'when_to_run' | 'allow_failure' | 'needs'>,
): JobState<JobId> => ({
  id: row.id,
  name: row.name,
  status: row.status,
  stageIndex: row.stage_index,
  when: row.when_to_run,
  allowFailure: mayFail(row),
  needs: needsOf(row)?.map(({ job }) => job),
})

/** Where the jobs of a pipeline stand that no other took the place of. */
export const statesOf = async (reader: Reader, pipeline: PipelineId): Promise<JobState<JobId>[]> => {
  const rows = await reader
    .selectFrom('jobs')
    .select(['id', 'name', 'status', 'stage_index', 'when_to_run', 'allow_failure', 'needs'])
    .where('pipeline_id', '=', pipeline)
    .where('retried', '=', 0)
    .execute()
  return rows.map(stateOf)
}

const take = async (transaction: Transaction<Schema>, { id, status }: Step<JobId>, now: number): Promise<void> => {
  const time = instantOf(now)
  const change = status === 'pending' ? { queued_at: time } : status === 'skipped' ? { finished_at: time } : {}
  await transaction
    .updateTable('jobs')
    .set({ status, ...change })
    .where('id', '=', id)
    .execute()
  if (status !== 'scheduled') return
  const { start_in } = await transaction.selectFrom('jobs').select('start_in').where('id', '=', id).executeTakeFirstOrThrow()
  const scheduled = instantOf(now + (start_in ?? 0) * 1_000)
  await transaction.updateTable('jobs').set({ scheduled_at: scheduled }).where('id', '=', id).execute()
}

const setStatus = async (
  transaction: Transaction<Schema>,
  id: PipelineId,
  status: PipelineStatus,
  now: number,
): Promise<void> => {
  const time = instantOf(now)
  const started = status === 'running' || hasEnded(status)
  await transaction
    .updateTable('pipelines')
    .set((expression) => ({
      status,
      updated_at: time,
      finished_at: hasEnded(status) ? time : null,
      ...(started && { started_at: expression.fn.coalesce('started_at', expression.val(time)) }),
    }))
    .where('id', '=', id)
    .where('status', '!=', status)
    .execute()
}

/** Moves the jobs whose turn has come, and sets the status of the pipeline; called after each change of one of its jobs. */
export const advancePipeline = async (transaction: Transaction<Schema>, id: PipelineId, now: number): Promise<void> => {
  const { steps, status } = advance(await statesOf(transaction, id))
  for (const step of steps) await take(transaction, step, now)
  await setStatus(transaction, id, status, now)
}
