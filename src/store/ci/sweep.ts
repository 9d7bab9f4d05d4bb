import { rm, stat } from 'node:fs/promises'
import type { FailureReason } from '../../ci/states.ts'
import type { JobId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import { finishJob, type JobEnding } from './finish.ts'
import { folderCount, type JobFiles, type StoredFile } from './job-files.ts'
import { startDueJobs } from './retry.ts'

const minute = 60_000

/** A runner that says nothing of its job for so long is taken for dead, in milliseconds. It speaks every half minute. */
export const longestSilence = 10 * minute

/** A job that no runner takes for so long has failed (gitlab `Ci::StuckBuilds::DropPendingService`). */
export const longestPending = 24 * 60 * minute

/** Jobs ended in one sweep at most; the next one comes soon. */
const batch = 200

interface RunningJob {
  readonly id: JobId
  readonly kind: 'job' | 'lease'
  readonly status: 'running' | 'canceling'
  readonly deadline: string | null
  readonly timeout: number
  readonly heard_at: string | null
  readonly started_at: string | null
}

const failed = (failureReason: FailureReason): JobEnding => ({ status: 'failed', failureReason })

/** What a job whose time is over becomes. */
const endInTime = ({ kind, status }: RunningJob): JobEnding => {
  if (status === 'canceling') return { status: 'canceled' }
  return kind === 'lease' ? { status: 'success' } : failed('job_execution_timeout')
}

const endOfSilent = ({ status }: RunningJob): JobEnding =>
  status === 'canceling' ? { status: 'canceled' } : failed('stuck_or_timeout_failure')

/**
 * Ends what has run too long, what nobody speaks for, and what nobody takes. Times are kept by the wall clock; jobs that
 * were seen running are timed by a clock that is never set, too, so that no job outlives its time where the other is.
 */
export class JobSweep {
  readonly #store: Store
  readonly #steady: () => number
  /** When each running job must be over, by the steady clock. */
  readonly #ends = new Map<JobId, number>()

  /** @param steady milliseconds of a clock that is never set */
  constructor(store: Store, steady: () => number = () => performance.now()) {
    this.#store = store
    this.#steady = steady
  }

  /** One that cannot be ended stands in the way of no other. Throws what went wrong, at the end. */
  async run(now: number): Promise<void> {
    const faults: unknown[] = []
    for (const [id, end] of await this.#due(now)) {
      await this.#finish(id, end, now).catch((fault: unknown) => faults.push(fault))
    }
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} jobs could not be ended`)
  }

  async #due(now: number): Promise<(readonly [JobId, JobEnding])[]> {
    const running = await this.#running()
    this.#forgetEnded(running)
    const over = running.flatMap((job) => {
      const end = this.#endOf(job, now)
      return end === undefined ? [] : [[job.id, end] as const]
    })
    const stuck = (await this.#neverTaken(now)).map((id) => [id, failed('stuck_or_timeout_failure')] as const)
    return [...over, ...stuck]
  }

  async #running(): Promise<RunningJob[]> {
    const rows = await this.#store.read
      .selectFrom('jobs')
      .select(['id', 'kind', 'status', 'deadline', 'timeout', 'heard_at', 'started_at'])
      .where('status', 'in', ['running', 'canceling'])
      .execute()
    return rows.map((row) => ({ ...row, status: row.status === 'running' ? 'running' : 'canceling' }))
  }

  #forgetEnded(running: readonly RunningJob[]): void {
    const ids = new Set(running.map(({ id }) => id))
    for (const id of this.#ends.keys()) if (!ids.has(id)) this.#ends.delete(id)
  }

  #endOf(job: RunningJob, now: number): JobEnding | undefined {
    const left = job.deadline === null ? 0 : Date.parse(job.deadline) - now
    const end = Math.min(this.#ends.get(job.id) ?? Number.POSITIVE_INFINITY, this.#steady() + Math.min(left, job.timeout * 1000))
    this.#ends.set(job.id, end)
    if (left <= 0 || this.#steady() >= end) return endInTime(job)
    const heard = job.heard_at ?? job.started_at
    return job.kind === 'job' && heard !== null && Date.parse(heard) <= now - longestSilence ? endOfSilent(job) : undefined
  }

  async #neverTaken(now: number): Promise<JobId[]> {
    const rows = await this.#store.read
      .selectFrom('jobs')
      .select('id')
      .where('status', '=', 'pending')
      .where('queued_at', '<=', instantOf(now - longestPending))
      .limit(batch)
      .execute()
    return rows.map(({ id }) => id)
  }

  async #finish(id: JobId, end: JobEnding, now: number): Promise<void> {
    await this.#store.write.transaction().execute((transaction) => finishJob(transaction, id, end, now))
  }
}

/** Lets delayed jobs go whose time has come; asks first, so that nobody waits for a write that changes nothing. */
export const startDue = async (store: Store, now: number): Promise<void> => {
  const due = store.read
    .selectFrom('jobs')
    .select('id')
    .where('status', '=', 'scheduled')
    .where('scheduled_at', '<=', instantOf(now))
  if ((await due.limit(1).executeTakeFirst()) === undefined) return
  await store.write.transaction().execute((transaction) => startDueJobs(transaction, now))
}

/** An upload that was not ended for so long never will be, in milliseconds. */
const longestUpload = 24 * 60 * minute

const isOld = async (path: string, now: number): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.mtimeMs <= now - longestUpload
}

const orphansIn = async (reader: Reader, found: readonly StoredFile[], now: number): Promise<StoredFile[]> => {
  const jobs = found.map(({ job }) => job)
  const [known, kept] = [
    await reader.selectFrom('jobs').select('id').where('id', 'in', jobs).execute(),
    await reader.selectFrom('job_artifacts').select('id').where('job_id', 'in', jobs).execute(),
  ]
  const [jobIds, artifactIds] = [new Set<number>(known.map(({ id }) => id)), new Set(kept.map(({ id }) => id))]
  const orphans: StoredFile[] = []
  for (const file of found) {
    const { job, artifact, unfinished, path } = file
    const isKnown = jobIds.has(job) && (artifact === undefined || artifactIds.has(artifact))
    if (!isKnown || (unfinished && (await isOld(path, now)))) orphans.push(file)
  }
  return orphans
}

/** Files looked at in one question to the database. */
const atOnce = 500

/** The last look is taken while nobody else writes: a file that is just being kept has its name before its row is seen. */
const removeAmong = async (store: Store, found: readonly StoredFile[], now: number): Promise<void> => {
  const orphans = await orphansIn(store.read, found, now)
  if (orphans.length === 0) return
  await store.write.transaction().execute(async (transaction) => {
    for (const { path } of await orphansIn(transaction, orphans, now)) await rm(path, { force: true })
  })
}

/** Removes files of jobs that are gone with their project, and what uploads left that were cut off. */
export const removeOrphans = async (store: Store, files: JobFiles, now: number, stopping: AbortSignal): Promise<void> => {
  for (let folder = 0; folder < folderCount; folder += 1) {
    const all = await files.list(folder)
    for (let from = 0; from < all.length; from += atOnce) {
      if (stopping.aborted) return
      await removeAmong(store, all.slice(from, from + atOnce), now)
    }
  }
}
