import type { Transaction } from 'kysely'
import { dependsOn } from '../../ci/dependents.ts'
import type { JobStatus } from '../../ci/states.ts'
import type { JobId, PipelineId, UserId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Schema } from '../schema.ts'
import { advancePipeline, findJob, type JobRow, statesOf } from './jobs.ts'

const fresh = {
  status: 'pending',
  retried: 0,
  runner_id: null,
  runner_system: null,
  token_digest: null,
  deadline: null,
  heard_at: null,
  failure_reason: null,
  exit_code: null,
  masks: null,
  scheduled_at: null,
  started_at: null,
  finished_at: null,
  erased_at: null,
  artifacts_expired_at: null,
} as const

/** A new job in the place of one that has ended, ready to run at once as in GitLab, also where the old one was manual. */
export const takePlaceOf = async (
  transaction: Transaction<Schema>,
  { id, ...job }: JobRow,
  user: UserId | null,
  now: number,
): Promise<JobId> => {
  await transaction.updateTable('jobs').set({ retried: 1 }).where('id', '=', id).execute()
  const time = instantOf(now)
  const row = { ...job, ...fresh, user_id: user, attempt: job.attempt + 1, created_at: time, queued_at: time }
  const made = await transaction.insertInto('jobs').values(row).returning('id').executeTakeFirstOrThrow()
  return made.id
}

/** Jobs that were skipped because of what runs again now wait for it anew (gitlab `Ci::ResetSkippedJobsService`). */
const awaken = async (transaction: Transaction<Schema>, pipeline: PipelineId, names: ReadonlySet<string>): Promise<void> => {
  const ids = dependsOn(await statesOf(transaction, pipeline), names)
    .filter(({ status }) => status === 'skipped')
    .map(({ id }) => id)
  if (ids.length === 0) return
  await transaction.updateTable('jobs').set({ status: 'created', finished_at: null }).where('id', 'in', ids).execute()
}

const retriable: readonly JobStatus[] = ['success', 'failed', 'canceled']

/** Makes an ended job run again. Undefined where it has not ended, never ran, or another took its place already. */
export const retryJob = async (
  transaction: Transaction<Schema>,
  id: JobId,
  user: UserId,
  now: number,
): Promise<JobId | undefined> => {
  const job = await findJob(transaction, id)
  if (job === undefined || job.pipeline_id === null || job.retried === 1 || !retriable.includes(job.status)) return undefined
  const made = await takePlaceOf(transaction, job, user, now)
  await awaken(transaction, job.pipeline_id, new Set([job.name]))
  await advancePipeline(transaction, job.pipeline_id, now)
  return made
}

/** Makes the jobs that failed or were canceled run again, and those wait again that were skipped for it. */
export const retryPipeline = async (
  transaction: Transaction<Schema>,
  id: PipelineId,
  user: UserId,
  now: number,
): Promise<number> => {
  const rows = await transaction
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', id)
    .where('retried', '=', 0)
    .where('status', 'in', ['failed', 'canceled'])
    .orderBy('position')
    .execute()
  for (const job of rows) {
    const made = await takePlaceOf(transaction, job, user, now)
    await transaction.updateTable('jobs').set({ status: 'created', queued_at: null }).where('id', '=', made).execute()
  }
  await awaken(transaction, id, new Set(rows.map(({ name }) => name)))
  if (rows.length > 0) await advancePipeline(transaction, id, now)
  return rows.length
}

/** Starts a job that waits for a click or for its time, with the rights of whoever asks. False where it does neither. */
export const playJob = async (transaction: Transaction<Schema>, id: JobId, user: UserId, now: number): Promise<boolean> => {
  const job = await findJob(transaction, id)
  if (job === undefined || job.pipeline_id === null || !['manual', 'scheduled'].includes(job.status)) return false
  await transaction
    .updateTable('jobs')
    .set({ status: 'pending', queued_at: instantOf(now), user_id: user, scheduled_at: null })
    .where('id', '=', id)
    .execute()
  await awaken(transaction, job.pipeline_id, new Set([job.name]))
  await advancePipeline(transaction, job.pipeline_id, now)
  return true
}

/** Jobs started at once at most, so that no transaction takes long. */
const mostDue = 100

/** Delayed jobs whose time has come begin to wait for a runner; says how many. */
export const startDueJobs = async (transaction: Transaction<Schema>, now: number): Promise<number> => {
  const due = await transaction
    .selectFrom('jobs')
    .select(['id', 'pipeline_id'])
    .where('status', '=', 'scheduled')
    .where('scheduled_at', '<=', instantOf(now))
    .limit(mostDue)
    .execute()
  if (due.length === 0) return 0
  const ids = due.map(({ id }) => id)
  const time = instantOf(now)
  await transaction.updateTable('jobs').set({ status: 'pending', queued_at: time }).where('id', 'in', ids).execute()
  for (const pipeline of new Set(due.map(({ pipeline_id }) => pipeline_id))) {
    if (pipeline !== null) await advancePipeline(transaction, pipeline, now)
  }
  return due.length
}
