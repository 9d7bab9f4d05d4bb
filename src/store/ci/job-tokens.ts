import { tokenIsGoodIn } from '../../ci/states.ts'
import type { JobHome } from '../../core/principal.ts'
import type { Secret } from '../../core/secret.ts'
import { digestOf } from '../../tokens/digest.ts'
import { lineageIds } from '../namespaces.ts'
import type { Project } from '../projects.ts'
import type { Reader } from '../routes.ts'
import type { JobRow } from './jobs.ts'

/** How far a clock may be set back under a running job before its token is refused, in milliseconds. */
const tolerance = 5 * 60_000

/** Why a job's token is not good, in GitLab's words. */
export type DeadJobReason = 'Job is not running' | 'Job has been erased!'

export type FoundJob =
  | { readonly kind: 'running'; readonly job: JobRow }
  | { readonly kind: 'over'; readonly job: JobRow; readonly reason: DeadJobReason }

const isWithinItsTime = ({ started_at, deadline }: JobRow, now: number): boolean =>
  started_at !== null && deadline !== null && Date.parse(started_at) - tolerance <= now && now < Date.parse(deadline)

/**
 * The job whose token this is; undefined for no job's. It is good while the job runs and its time has not passed, whether
 * or not anybody has ended the job since (gitlab `Ci::AuthJobFinder`).
 */
export const jobByToken = async (reader: Reader, secret: Secret, now: number): Promise<FoundJob | undefined> => {
  const job = await reader.selectFrom('jobs').selectAll().where('token_digest', '=', digestOf(secret)).executeTakeFirst()
  if (job === undefined) return undefined
  if (job.erased_at !== null) return { kind: 'over', job, reason: 'Job has been erased!' }
  return tokenIsGoodIn(job.status) && isWithinItsTime(job, now)
    ? { kind: 'running', job }
    : { kind: 'over', job, reason: 'Job is not running' }
}

/** The project that a job belongs to, as rules ask about it. */
export const jobHomeOf = ({ id, full_path, lineage }: Pick<Project, 'id' | 'full_path' | 'lineage'>): JobHome => ({
  id,
  fullPath: full_path,
  namespaces: lineageIds(lineage),
})
