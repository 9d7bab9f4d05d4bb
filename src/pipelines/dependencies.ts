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

/**
 * The jobs whose archives the runner fetches before this one (gitlab `Ci::BuildDependencies`). It fetches them with the
 * token of the job that runs.
 */
export const dependenciesOf = async (
  reader: Reader,
  { job, options, token }: { readonly job: JobRow; readonly options: JobOptions; readonly token: string },
  now: number,
): Promise<PayloadDependency[]> => {
  const rows = await reader
    .selectFrom('jobs')
    .innerJoin('job_artifacts', 'job_artifacts.job_id', 'jobs.id')
    .select(['jobs.id', 'jobs.name', 'jobs.stage_index', 'job_artifacts.filename', 'job_artifacts.size'])
    .where('jobs.pipeline_id', '=', job.pipeline_id)
    .where('jobs.retried', '=', 0)
    .where('jobs.erased_at', 'is', null)
    .where('jobs.id', '!=', job.id)
    .where('job_artifacts.file_type', '=', 'archive')
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', instantOf(now))]))
    .orderBy('jobs.position')
    .execute()
  return rows
    .filter(wantedBy(job, options))
    .map(({ id, name, filename, size }) => ({ id, name, token, artifacts_file: { filename, size } }))
}
