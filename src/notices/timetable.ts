import { type Day, dayOf } from '../core/clock.ts'
import type { Job } from '../store/notices/runs.ts'
import type { Outcome, Task } from './run.ts'

const day = 86_400_000
const hour = 3_600_000

/** When each job is due, from midnight UTC (gitlab `config/initializers/1_settings.rb`). */
const dueAt: Readonly<Record<Job, number>> = { expiring: hour, expired: 2 * hour }
const jobs: readonly Job[] = ['expiring', 'expired']

/** The day of a job's last hour that has come. */
export const dueDay = (job: Job, now: number): Day => dayOf(now - dueAt[job])

/** Milliseconds until the next job is due. */
export const untilNext = (now: number): number =>
  Math.min(...jobs.map((job) => dueAt[job] + Math.ceil((now + 1 - dueAt[job]) / day) * day - now))

/** Days that a job looks back for what it missed, at most. */
const mostMissed = 7

/** After a run that left something; and between two looks at the clock, at most. */
const pauseAfterTrouble = hour
const longestSleep = 600_000

export interface TimetableParts {
  readonly clock: () => number
  /** The day up to which a job was done, by this process or one before it. */
  lastRun(job: Job): Promise<Day | undefined>
  run(task: Task): Promise<Outcome>
  noteRun(job: Job, day: Day): Promise<void>
  fault(fault: unknown): void
}

/** Runs the two daily jobs: at their hour, soon after a start that missed it, and again where something was left. */
export class Timetable {
  readonly #parts: TimetableParts
  /** When a job that left something is tried again. */
  readonly #again = new Map<Job, number>()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(parts: TimetableParts) {
    this.#parts = parts
  }

  /** Looks at once for what was missed. */
  start(): void {
    this.#sleep(0)
  }

  /** Resolves once a run that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
  }

  /** The clock may be set, and a machine may sleep: so it is looked at now and then. */
  #sleep(milliseconds: number): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#running = this.#look()
    }, milliseconds).unref()
  }

  async #look(): Promise<void> {
    for (const job of jobs) {
      if (this.#stopped) return
      await this.#perform(job).catch((fault: unknown) => {
        this.#again.set(job, this.#parts.clock() + pauseAfterTrouble)
        this.#parts.fault(fault)
      })
    }
    const now = this.#parts.clock()
    this.#sleep(Math.max(Math.min(untilNext(now), longestSleep, ...[...this.#again.values()].map((at) => at - now)), 1000))
  }

  async #perform(job: Job): Promise<void> {
    const now = this.#parts.clock()
    const [due, last] = [dueDay(job, now), await this.#parts.lastRun(job)]
    const again = this.#again.get(job)
    if (again === undefined ? last !== undefined && last >= due : again > now) return
    this.#again.delete(job)
    const earliest = dayOf(now - (last === undefined ? 1 : mostMissed) * day)
    const since = last === undefined || last < earliest ? earliest : last
    const outcome = await this.#parts.run({ job, since })
    if (outcome === 'stopped') return
    if (outcome === 'again') this.#again.set(job, this.#parts.clock() + pauseAfterTrouble)
    await this.#parts.noteRun(job, due)
  }
}
