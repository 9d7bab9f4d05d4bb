import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { JobId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import { makeToken } from '../../tokens/make.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import { finishJob } from './finish.ts'
import { advancePipeline, findJob, type JobRow } from './jobs.ts'
import { findRunner, type RunnerRow } from './runners.ts'

/** Jobs of users who may do nothing that one request ends on its way to one that can run. */
const mostEnded = 20

export interface Claimed {
  readonly job: JobRow
  readonly runner: RunnerRow
  /** Good while the job runs, and shown to this runner alone. */
  readonly token: Secret
}

type Condition = RawBuilder<SqlBool>

const setting = (name: 'jobs_enabled' | 'shared_runners_enabled' | 'group_runners_enabled'): Condition =>
  sql<SqlBool>`coalesce(settings.${sql.ref(name)}, 1) = 1`

/** Whose jobs a runner takes (gitlab `Ci::Queue::BuildQueueService`). */
const inReach = (runner: RunnerRow): Condition => {
  if (runner.runner_type === 'instance_type') return setting('shared_runners_enabled')
  if (runner.runner_type === 'project_type') {
    return sql<SqlBool>`jobs.project_id in (select project_id from runner_projects where runner_id = ${runner.id})`
  }
  return sql<SqlBool>`${setting('group_runners_enabled')} and exists (select 1 from namespaces own
    where own.id = ${runner.group_id} and place.lineage >= own.lineage and place.lineage < own.lineage || ':')`
}

const tagsFit = (runner: RunnerRow): Condition =>
  sql<SqlBool>`not exists (select 1 from json_each(jobs.tags) asked
      where asked.value not in (select has.value from json_each(${runner.tags}) has))
    and (${runner.run_untagged} = 1 or json_array_length(jobs.tags) > 0)`

/** An instance's runner serves first whoever has the fewest jobs running on such; the others take the oldest. */
const orderFor = (runner: RunnerRow): RawBuilder<unknown> =>
  runner.runner_type === 'instance_type' ? sql`coalesce(busy.jobs, 0), jobs.queued_at, jobs.id` : sql`jobs.queued_at, jobs.id`

const archivedAbove = sql<SqlBool>`exists (select 1 from namespaces above
  where above.archived = 1 and place.lineage >= above.lineage and place.lineage < above.lineage || ':')`

const nextFor = async (reader: Reader, runner: RunnerRow): Promise<JobId | undefined> => {
  const { rows } = await sql<{ id: JobId }>`
    with busy as (
      select running.project_id, count(*) as jobs from jobs running join runners on runners.id = running.runner_id
      where running.status = 'running' and runners.runner_type = 'instance_type' group by running.project_id
    )
    select jobs.id from jobs
    join projects on projects.id = jobs.project_id
    join namespaces place on place.id = projects.namespace_id
    left join project_ci_settings settings on settings.project_id = jobs.project_id
    left join busy on busy.project_id = jobs.project_id
    where jobs.status = 'pending' and jobs.kind = 'job' and ${setting('jobs_enabled')}
      and projects.archived = 0 and not ${archivedAbove}
      and (${runner.access_level} = 'not_protected' or jobs.protected = 1)
      and ${inReach(runner)} and ${tagsFit(runner)}
    order by ${orderFor(runner)} limit 1`.execute(reader)
  return rows[0]?.id
}

/** Whether a look would find something: reads only, so that those who wait do not stand in the way of those who write. */
export const hasJobFor = async (store: Store, runner: RunnerRow): Promise<boolean> =>
  runner.paused === 0 && (await nextFor(store.read, runner)) !== undefined

const isActive = async (reader: Reader, { user_id }: JobRow): Promise<boolean> => {
  if (user_id === null) return false
  const user = await reader.selectFrom('users').select('state').where('id', '=', user_id).executeTakeFirst()
  return user?.state === 'active'
}

/** The next job whose user may still run it; those of others end on the way. */
const nextRunnable = async (transaction: Writer, runner: RunnerRow, now: number): Promise<JobRow | undefined> => {
  for (let ended = 0; ended < mostEnded; ended += 1) {
    const id = await nextFor(transaction, runner)
    const job = id === undefined ? undefined : await findJob(transaction, id)
    if (job === undefined || (await isActive(transaction, job))) return job
    await finishJob(transaction, job.id, { status: 'failed', failureReason: 'user_blocked' }, now)
  }
  return undefined
}

const isUsable = (runner: RunnerRow | undefined, now: number): runner is RunnerRow =>
  runner?.paused === 0 && (runner.token_expires_at === null || runner.token_expires_at > instantOf(now))

const secondsFor = (job: JobRow, { maximum_timeout }: RunnerRow): number => Math.min(job.timeout, maximum_timeout ?? job.timeout)

/**
 * Gives a runner the next job that it may run, and makes the job's token. Whoever writes does so alone, so no job is
 * given twice. Undefined where there is none.
 * @param system the machine that asks for the runner
 */
export const claimJob = (
  store: Store,
  asked: Pick<RunnerRow, 'id'>,
  system: string | undefined,
  now: number,
): Promise<Claimed | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    const runner = await findRunner(transaction, asked.id)
    if (!isUsable(runner, now)) return undefined
    const next = await nextRunnable(transaction, runner, now)
    if (next === undefined) return undefined
    const { digest, secret } = makeToken('glcbt-64_')
    const job = await transaction
      .updateTable('jobs')
      .set({
        status: 'running',
        token_digest: digest,
        started_at: instantOf(now),
        heard_at: instantOf(now),
        deadline: instantOf(now + secondsFor(next, runner) * 1000),
        runner_id: runner.id,
        runner_system: system ?? null,
      })
      .where('id', '=', next.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    if (job.pipeline_id !== null) await advancePipeline(transaction, job.pipeline_id, now)
    return { job, runner, token: secret }
  })

/** Takes a job back that never reached its runner; another one may have it. */
export const returnJob = (store: Store, { job }: Pick<Claimed, 'job'>, now: number): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('jobs')
      .set({
        status: 'pending',
        token_digest: null,
        started_at: null,
        heard_at: null,
        deadline: null,
        masks: null,
        runner_id: null,
        runner_system: null,
      })
      .where('id', '=', job.id)
      .where('status', '=', 'running')
      .where('token_digest', '=', job.token_digest)
      .executeTakeFirst()
    if (numUpdatedRows > 0n && job.pipeline_id !== null) await advancePipeline(transaction, job.pipeline_id, now)
  })
