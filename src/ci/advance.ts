import type { When } from './plan.ts'
import type { JobStatus, PipelineStatus } from './states.ts'

/** A job as its pipeline's progress sees it: the latest of its name. */
export interface JobState<Id = number> {
  readonly id: Id
  readonly name: string
  readonly status: JobStatus
  readonly stageIndex: number
  readonly when: When
  readonly allowFailure: boolean
  /** Names of the jobs it waits for; undefined: it waits for all earlier stages. */
  readonly needs: readonly string[] | undefined
}

/** What becomes of a job that has been waiting. */
export interface Step<Id = number> {
  readonly id: Id
  readonly status: 'pending' | 'manual' | 'scheduled' | 'skipped'
}

/** `warned`: it failed and may; `ignored`: it waits for a click that nobody has to make. */
type Standing = JobStatus | 'warned' | 'ignored'

type Standable = Pick<JobState, 'status' | 'allowFailure'>

const standingOf = ({ status, allowFailure }: Standable): Standing => {
  if (!allowFailure) return status
  if (status === 'failed' || status === 'canceled') return 'warned'
  return status === 'manual' ? 'ignored' : status
}

/** Where all jobs stand at one of these, the set has this status; the first that fits counts. */
const whole: readonly (readonly [PipelineStatus, readonly Standing[]])[] = [
  ['skipped', ['skipped', 'ignored']],
  ['success', ['success', 'skipped', 'warned', 'ignored']],
  ['created', ['created', 'warned', 'ignored']],
  ['canceled', ['canceled', 'success', 'skipped', 'warned', 'ignored']],
  ['pending', ['pending', 'created', 'skipped', 'warned', 'ignored']],
]

/** Where one job stands at one of these, the set has this status. */
const partial: readonly (readonly [PipelineStatus, readonly Standing[]])[] = [
  ['canceling', ['canceling']],
  ['running', ['running', 'pending']],
  ['manual', ['manual']],
  ['scheduled', ['scheduled']],
  ['running', ['created']],
]

/** The status of jobs taken together (gitlab `Gitlab::Ci::Status::Composite`); undefined for none. */
export const compositeStatus = (jobs: readonly Standable[]): PipelineStatus | undefined => {
  if (jobs.length === 0) return undefined
  const standings = new Set(jobs.map(standingOf))
  const fits = ([, words]: (typeof whole)[number]) => [...standings].every((standing) => words.includes(standing))
  const holds = ([, words]: (typeof partial)[number]) => words.some((standing) => standings.has(standing))
  return (whole.find(fits) ?? partial.find(holds))?.[0] ?? 'failed'
}

const over: ReadonlySet<Standing> = new Set(['success', 'failed', 'canceled', 'skipped', 'warned', 'ignored'])

/** Unlike stages, `needs` are met only by jobs that ran: one that did not takes the waiting job along. */
const neededStatus = (jobs: readonly Standable[]): PipelineStatus | undefined => {
  const standings = jobs.map(standingOf)
  if (!standings.every((standing) => over.has(standing))) return undefined
  if (standings.some((standing) => standing === 'skipped' || standing === 'ignored')) return 'skipped'
  return compositeStatus(jobs) ?? 'success'
}

const earlierStatus = (jobs: readonly Standable[]): PipelineStatus | undefined => {
  const status = compositeStatus(jobs) ?? 'success'
  return over.has(status) ? status : undefined
}

/** With which status of what it waits for a job goes on (gitlab `Ci::ProcessBuildService`). */
const goesOn = ({ when, needs }: JobState<unknown>, before: PipelineStatus): boolean => {
  if (when === 'always') return before !== 'canceled'
  if (when === 'on_failure') return before === 'failed'
  return before === 'success' || (needs === undefined && before === 'skipped')
}

const reached: Readonly<Record<When, Step['status']>> = {
  on_success: 'pending',
  on_failure: 'pending',
  always: 'pending',
  manual: 'manual',
  delayed: 'scheduled',
}

/** The status of what a job waits for; undefined while that is not over. */
const statusBefore = <Id>({ needs, stageIndex }: JobState<Id>, jobs: readonly JobState<Id>[]): PipelineStatus | undefined =>
  needs === undefined
    ? earlierStatus(jobs.filter((other) => other.stageIndex < stageIndex))
    : neededStatus(jobs.filter(({ name }) => needs.includes(name)))

const stepOf = <Id>(job: JobState<Id>, jobs: readonly JobState<Id>[]): Step<Id> | undefined => {
  const before = statusBefore(job, jobs)
  if (before === undefined) return undefined
  return { id: job.id, status: goesOn(job, before) ? reached[job.when] : 'skipped' }
}

/** One round: what becomes now of jobs that wait, seen from where all stand. */
const round = <Id>(jobs: readonly JobState<Id>[]): Step<Id>[] =>
  jobs
    .filter(({ status }) => status === 'created')
    .map((job) => stepOf(job, jobs))
    .filter((step) => step !== undefined)

/**
 * What becomes of the jobs that wait, now that the others stand where they do, and the status of all together. A job that
 * is skipped moves others in turn, so rounds are made until nothing moves. Each moves at least one job: there is an end.
 */
export const advance = <Id>(
  jobs: readonly JobState<Id>[],
): { readonly steps: readonly Step<Id>[]; readonly status: PipelineStatus } => {
  const steps: Step<Id>[] = []
  let current = jobs
  for (let moved = round(current); moved.length > 0; moved = round(current)) {
    steps.push(...moved)
    const statuses = new Map(moved.map(({ id, status }) => [id, status]))
    current = current.map((job) => ({ ...job, status: statuses.get(job.id) ?? job.status }))
  }
  return { steps, status: compositeStatus(current) ?? 'skipped' }
}
