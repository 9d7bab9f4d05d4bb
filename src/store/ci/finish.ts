import type { Transaction } from 'kysely'
import type { PlannedJob } from '../../ci/plan.ts'
import { type FailureReason, hasEnded, jobStatuses } from '../../ci/states.ts'
import type { JobId, PipelineId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Schema } from '../schema.ts'
import { advancePipeline, findJob, type JobRow } from './jobs.ts'
import { takePlaceOf } from './retry.ts'

export interface JobEnding {
  readonly status: 'success' | 'failed' | 'canceled' | 'skipped'
  readonly failureReason?: FailureReason | undefined
  readonly exitCode?: number | undefined
}

/** Nothing gets better by doing these again (gitlab `Gitlab::Ci::Build::AutoRetry`). */
const hopeless: ReadonlySet<FailureReason> = new Set(['no_matching_runner', 'missing_dependency_failure', 'user_blocked'])

const isRetried = (job: JobRow, { status, failureReason = 'unknown_failure' }: JobEnding): boolean => {
  if (status !== 'failed' || job.pipeline_id === null || job.user_id === null || hopeless.has(failureReason)) return false
  const { max, when } = JSON.parse(job.retry) as PlannedJob['retry']
  return job.attempt < max && (when.includes('always') || when.includes(failureReason))
}

const allowFailureAfter = ({ allow_failure }: JobRow, { exitCode }: JobEnding): string => {
  const allowed = JSON.parse(allow_failure) as PlannedJob['allowFailure']
  if (typeof allowed === 'boolean') return allow_failure
  return exitCode !== undefined && allowed.includes(exitCode) ? 'true' : allow_failure
}

/** A job that is being canceled ends as that, whatever its runner says. */
const endingOf = (job: JobRow, ending: JobEnding): JobEnding =>
  job.status === 'canceling' ? { status: 'canceled', exitCode: ending.exitCode } : ending

const writeEnding = (transaction: Transaction<Schema>, job: JobRow, ending: JobEnding, now: number) =>
  transaction
    .updateTable('jobs')
    .set({
      status: ending.status,
      failure_reason: ending.status === 'failed' ? (ending.failureReason ?? 'unknown_failure') : null,
      exit_code: ending.exitCode ?? null,
      allow_failure: allowFailureAfter(job, ending),
      finished_at: instantOf(now),
      deadline: null,
      masks: null,
    })
    .where('id', '=', job.id)
    .execute()

/**
 * Ends a job or a lease, and with it its token, exactly once: false where it had ended already or is gone. The token's
 * digest stays, so that whoever comes with it later is known, and told why it is refused. Makes the automatic retry where
 * one is due, and advances the pipeline, all in the caller's transaction.
 */
export const finishJob = async (transaction: Transaction<Schema>, id: JobId, asked: JobEnding, now: number): Promise<boolean> => {
  const job = await findJob(transaction, id)
  if (job === undefined || hasEnded(job.status)) return false
  const ending = endingOf(job, asked)
  await writeEnding(transaction, job, ending, now)
  if (isRetried(job, ending)) await takePlaceOf(transaction, job, job.user_id, now)
  if (job.pipeline_id !== null) await advancePipeline(transaction, job.pipeline_id, now)
  return true
}

/** Whoever runs it learns of it at its next word, and its token is dead at once. False where it had ended already. */
export const cancelJob = (transaction: Transaction<Schema>, id: JobId, now: number): Promise<boolean> =>
  finishJob(transaction, id, { status: 'canceled' }, now)

const unended = jobStatuses.filter((status) => !hasEnded(status))

/** Cancels all of its jobs that have not ended; says how many. */
export const cancelPipeline = async (transaction: Transaction<Schema>, id: PipelineId, now: number): Promise<number> => {
  const rows = await transaction
    .selectFrom('jobs')
    .selectAll()
    .where('pipeline_id', '=', id)
    .where('status', 'in', unended)
    .execute()
  for (const job of rows) await writeEnding(transaction, job, { status: 'canceled' }, now)
  if (rows.length > 0) await advancePipeline(transaction, id, now)
  return rows.length
}
