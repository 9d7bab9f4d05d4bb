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

/** Each job after those that it waits for, so that one look at each is enough. Needs are never of a later stage. */
const inOrder = <Id>(jobs: readonly JobState<Id>[], byName: ReadonlyMap<string, JobState<Id>>): readonly JobState<Id>[] => {
  const ordered = new Set<JobState<Id>>()
  const begun = new Set<JobState<Id>>()
  const add = (job: JobState<Id> | undefined): void => {
    if (job === undefined || begun.has(job)) return
    begun.add(job)
    for (const name of job.needs ?? []) add(byName.get(name))
    ordered.add(job)
  }
  for (const job of [...jobs].sort((one, other) => one.stageIndex - other.stageIndex)) add(job)
  return [...ordered]
}

/** Where all jobs of a pipeline stand; a pipeline may have hundreds that need dozens, so that nothing is looked for twice. */
class Board<Id> {
  readonly #jobs: Map<string, JobState<Id>>
  readonly #order: readonly JobState<Id>[]
  readonly #earlier = new Map<number, PipelineStatus | undefined>()

  constructor(jobs: readonly JobState<Id>[]) {
    this.#jobs = new Map(jobs.map((job) => [job.name, job]))
    this.#order = inOrder(jobs, this.#jobs)
  }

  get jobs(): readonly JobState<Id>[] {
    return [...this.#jobs.values()]
  }

  /** One look at each job that waits: what becomes of it now. */
  round(): readonly Step<Id>[] {
    this.#earlier.clear()
    return this.#order.flatMap(({ name }) => this.#move(name) ?? [])
  }

  #move(name: string): Step<Id> | undefined {
    const job = this.#jobs.get(name)
    const before = job?.status === 'created' ? this.#statusBefore(job) : undefined
    if (job === undefined || before === undefined) return undefined
    const status = goesOn(job, before) ? reached[job.when] : 'skipped'
    this.#jobs.set(name, { ...job, status })
    return { id: job.id, status }
  }

  /** The status of what a job waits for; undefined while that is not over. */
  #statusBefore({ needs, stageIndex }: JobState<Id>): PipelineStatus | undefined {
    if (needs !== undefined) return neededStatus(needs.flatMap((name) => this.#jobs.get(name) ?? []))
    if (!this.#earlier.has(stageIndex)) {
      this.#earlier.set(stageIndex, earlierStatus(this.jobs.filter((other) => other.stageIndex < stageIndex)))
    }
    return this.#earlier.get(stageIndex)
  }
}

/**
 * What becomes of the jobs that wait, now that the others stand where they do, and the status of all together. A job that
 * is skipped moves others in turn, so rounds are made until nothing moves. Each moves at least one job: there is an end.
 */
export const advance = <Id>(
  jobs: readonly JobState<Id>[],
): { readonly steps: readonly Step<Id>[]; readonly status: PipelineStatus } => {
  const board = new Board(jobs)
  const steps: Step<Id>[] = []
  for (let moved = board.round(); moved.length > 0; moved = board.round()) steps.push(...moved)
  return { steps, status: compositeStatus(board.jobs) ?? 'skipped' }
}
