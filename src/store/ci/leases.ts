import type { Selectable } from 'kysely'
import type { JobId, ProjectId, UserId } from '../../core/ids.ts'
import type { Digest } from '../../tokens/digest.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Flag } from '../schema.ts'
import type { JobRow } from './jobs.ts'
import type { JobsTable } from './schema.ts'

/** A job that something else than a runner of ours does: it has a token and an end, and no pipeline. */
export interface NewLease {
  readonly project: ProjectId
  readonly user: UserId
  readonly name: string
  readonly ref: string
  readonly tag: Flag
  readonly sha: string
  readonly protected: Flag
  readonly seconds: number
  readonly digest: Digest
}

/** Leases of one project that may run at once. */
export const mostLeases = 1_000

const unused = {
  kind: 'lease',
  stage: 'lease',
  stage_index: 0,
  position: 0,
  status: 'running',
  when_to_run: 'on_success',
  allow_failure: 'false',
  retry: JSON.stringify({ max: 0, when: ['always'] }),
  attempt: 0,
  retried: 0,
  tags: '[]',
  options: '{}',
  variables: '[]',
} as const satisfies Partial<Selectable<JobsTable>>

/** The leases of a project, those that are over too. */
export const leasesOf = (reader: Reader, project: ProjectId) =>
  reader.selectFrom('jobs').selectAll().where('project_id', '=', project).where('kind', '=', 'lease')

export const findLease = (reader: Reader, project: ProjectId, id: JobId): Promise<JobRow | undefined> =>
  leasesOf(reader, project).where('id', '=', id).executeTakeFirst()

/** Nothing was written where too many run already. */
export const createLease = async (transaction: Writer, lease: NewLease, now: number): Promise<JobRow | 'full'> => {
  const { count } = await transaction
    .selectFrom('jobs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project_id', '=', lease.project)
    .where('kind', '=', 'lease')
    .where('status', '=', 'running')
    .executeTakeFirstOrThrow()
  if (count >= mostLeases) return 'full'
  const time = instantOf(now)
  return transaction
    .insertInto('jobs')
    .values({
      ...unused,
      project_id: lease.project,
      user_id: lease.user,
      name: lease.name,
      ref: lease.ref,
      tag: lease.tag,
      sha: lease.sha,
      protected: lease.protected,
      timeout: lease.seconds,
      token_digest: lease.digest,
      deadline: instantOf(now + lease.seconds * 1000),
      created_at: time,
      queued_at: time,
      started_at: time,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}
