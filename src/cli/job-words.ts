import type { JobOverview } from '../store/ci/job-overview.ts'

/** Seconds as people say them. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`
}

const between = (from: string, to: string | number): string =>
  duration(((typeof to === 'number' ? to : Date.parse(to)) - Date.parse(from)) / 1_000)

type Timed = Pick<JobOverview, 'status' | 'queued_at' | 'started_at' | 'finished_at' | 'timeout' | 'failure_reason' | 'exit_code'>

const took = ({ started_at, finished_at }: Timed, word: string): string =>
  started_at === null || finished_at === null ? '' : ` ${word} ${between(started_at, finished_at)}`

const whyOf = ({ failure_reason, exit_code }: Timed): string => {
  const why = [failure_reason, exit_code === null ? undefined : `exit code ${exit_code}`].filter((word) => word != null)
  return why.length === 0 ? '' : ` (${why.join(', ')})`
}

/** Where a job stands, with how long it has waited or run. */
export const progressOf = (job: Timed, now: number): string => {
  const { status, queued_at, started_at, timeout } = job
  if (status === 'pending') return queued_at === null ? 'pending' : `pending, waits ${between(queued_at, now)}`
  if (status === 'running' && started_at !== null) return `running ${between(started_at, now)} of ${duration(timeout)}`
  if (status === 'success') return `success${took(job, 'in')}`
  if (status === 'failed') return `failed${took(job, 'after')}${whyOf(job)}`
  if (status === 'canceled') return `canceled${took(job, 'after')}`
  return status
}

/** How old a job is. */
export const ageOf = ({ created_at }: Pick<JobOverview, 'created_at'>, now: number): string => between(created_at, now)
