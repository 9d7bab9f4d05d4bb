import { z } from 'zod'
import { type FailureReason, failureReasons } from '../../../ci/states.ts'
import { finishJob, type JobEnding } from '../../../store/ci/finish.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { oneOf, optional, text, whole } from '../input.ts'
import { heardOf, jobIsOver, requireJob } from './job-caller.ts'
import { tokenField } from './runner-caller.ts'

const said = z.object({
  /** May also come as `JOB-TOKEN`; the body wins. */
  token: tokenField,
  state: oneOf(['running', 'success', 'failed']),
  failure_reason: optional(text()),
  exit_code: optional(whole()),
})

/** A reason that this server does not know is told as such (gitlab `CommitStatus.failure_reasons`). */
const reasonOf = (word: string | undefined): FailureReason =>
  failureReasons.find((reason) => reason === word) ?? 'unknown_failure'

/** A job that was to be canceled ends so, whatever its runner says. */
const endOf = (job: JobRow, { state, failure_reason, exit_code }: z.output<typeof said>): JobEnding => {
  const code = exit_code === undefined ? {} : { exitCode: exit_code }
  if (job.status === 'canceling') return { status: 'canceled', ...code }
  return state === 'success'
    ? { status: 'success', ...code }
    : { status: 'failed', failureReason: reasonOf(failure_reason), ...code }
}

/** The number alone, as GitLab has it. */
const done = (status: string): Answer => ok(200, { 'Job-Status': status })

const update = async (call: Call): Promise<Answer> => {
  const input = call.read(said)
  const { job } = await requireJob(call, input.token)
  await heardOf(call, job)
  if (input.state === 'running') return done(job.status)
  const end = endOf(job, input)
  const ended = await call.parts.store.write.transaction().execute((transaction) => finishJob(transaction, job.id, end, call.now))
  if (!ended) throw jobIsOver({ status: 'canceled' })
  return done(end.status)
}

/** What a runner says of its job (gitlab `lib/api/ci/runner.rb`). Its checksum of the log is not asked about. */
export const jobStateRoutes: readonly Route[] = [
  route('PUT', '/jobs/:id', { forRunners: true, input: [said], output: z.literal(200), handler: update }),
]
