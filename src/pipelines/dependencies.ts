import type { JobOptions } from '../ci/plan.ts'
import { type JobRow, needsOf } from '../store/ci/jobs.ts'
import { instantOf } from '../store/instant.ts'
import type { Reader } from '../store/routes.ts'
import type { PayloadDependency } from './payload-shape.ts'

interface Candidate {
  readonly name: string
  readonly stage_index: number
}

/** Whether a job's artifacts are wanted: those of its needs, or of all earlier stages; of these the ones that it names. */
const wantedBy = (job: JobRow, { dependencies }: JobOptions): ((other: Candidate) => boolean) => {
  const needs = needsOf(job)?.filter(({ artifacts }) => artifacts)
  return ({ name, stage_index }) =>
    (needs === undefined ? stage_index < job.stage_index : needs.some((need) => need.job === name)) &&
    (dependencies === undefined || dependencies.includes(name))
}

/** Files that a job needs are gone (gitlab `Ci::BuildDependencies#valid?`). */
export class MissingDependency extends Error {}

const earlierJobs = (reader: Reader, job: JobRow) =>
  reader
    .selectFrom('jobs')
    .select(['id', 'name', 'stage_index', 'erased_at', 'artifacts_expired_at'])
    .where('pipeline_id', '=', job.pipeline_id)
    .where('retried', '=', 0)
    .where('id', '!=', job.id)
    .orderBy('position')
    .execute()

const archivesOf = async (reader: Reader, job: JobRow) => {
  const rows = await reader
    .selectFrom('job_artifacts')
    .innerJoin('jobs', 'jobs.id', 'job_artifacts.job_id')
    .select(['job_id', 'filename', 'size', 'expires_at'])
    .where('jobs.pipeline_id', '=', job.pipeline_id)
    .where('file_type', '=', 'archive')
    .execute()
  return new Map(rows.map((row) => [row.job_id, row]))
}

/**
 * The jobs whose archives the runner fetches before this one (gitlab `Ci::BuildDependencies`). It fetches them with the
 * token of the job that runs. Throws `MissingDependency` where one was erased or has expired.
 */
export const dependenciesOf = async (
  reader: Reader,
  { job, options, token }: { readonly job: JobRow; readonly options: JobOptions; readonly token: string },
  now: number,
): Promise<PayloadDependency[]> => {
  const wanted = (await earlierJobs(reader, job)).filter(wantedBy(job, options))
  const archives = await archivesOf(reader, job)
  const isGone = ({ id, erased_at, artifacts_expired_at }: (typeof wanted)[number]): boolean => {
    const end = archives.get(id)?.expires_at ?? null
    return erased_at !== null || artifacts_expired_at !== null || (end !== null && end <= instantOf(now))
  }
  const gone = wanted.find(isGone)
  if (gone !== undefined) throw new MissingDependency(`the files of job ${gone.id} are gone`)
  return wanted.flatMap(({ id, name }) => {
    const archive = archives.get(id)
    return archive === undefined ? [] : [{ id, name, token, artifacts_file: { filename: archive.filename, size: archive.size } }]
  })
}
