import type { Secret } from '../../../core/secret.ts'
import { noteContact } from '../../../store/ci/contacts.ts'
import { jobByToken } from '../../../store/ci/job-tokens.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { findRunner } from '../../../store/ci/runners.ts'
import { noteHeard } from '../../../store/ci/trace.ts'
import type { Call } from '../call.ts'
import { ApiError, forbidden } from '../errors.ts'
import { numberIn } from '../input.ts'
import { shownToken } from './runner-caller.ts'

export interface CallingJob {
  readonly job: JobRow
  readonly token: Secret
}

/** What a runner is told of a job that is no longer its own: it then lets go of it. */
export const jobIsOver = ({ status }: Pick<JobRow, 'status'>, reason = 'Job is not running'): ApiError =>
  new ApiError(
    403,
    { message: `403 Forbidden - ${reason}` },
    // One whose time is over may not have been ended yet.
    {
      headers: { 'Job-Status': status === 'running' ? 'failed' : status },
      log: { 'meta.refusal_reason': 'job_not_running' },
    },
  )

/**
 * The job of `:id`, whose own token is shown, while it runs (gitlab `authenticate_job!`). Throws 403: a runner that hears
 * it ends the job, which a 404 from anywhere between would not make it do.
 */
export const requireJob = async (call: Call, inBody: string | undefined): Promise<CallingJob> => {
  const id = numberIn(call.word('id'), 'id')
  const token = shownToken(call, inBody, 'job-token')
  const found = await jobByToken(call.parts.store.read, token, call.now)
  if (found === undefined || found.job.id !== id || found.job.kind !== 'job') throw forbidden(undefined, 'credential_unknown')
  if (found.kind === 'over') throw jobIsOver(found.job, found.reason)
  return { job: found.job, token }
}

/** Keeps that the runner of a job spoke. */
export const heardOf = async (call: Call, job: JobRow): Promise<void> => {
  const { store } = call.parts
  await noteHeard(store, job, call.now)
  const runner = job.runner_id === null ? undefined : await findRunner(store.read, job.runner_id)
  if (runner === undefined) return
  await noteContact(store, { runner: runner.id, system: job.runner_system ?? undefined, address: call.address }, call.now)
}
