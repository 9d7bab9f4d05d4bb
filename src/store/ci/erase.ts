import type { JobId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { JobFiles } from './job-files.ts'
import type { JobRow } from './jobs.ts'

type Jobs = readonly Pick<JobRow, 'id'>[]

interface ArtifactPlace {
  readonly id: number
  readonly job_id: JobId
}

/** What is known of a job's artifacts is gone, and that it was erased is kept; the files are the caller's to remove. */
export const eraseJob = async (transaction: Writer, id: JobId, now: number): Promise<void> => {
  await transaction.deleteFrom('job_artifacts').where('job_id', '=', id).execute()
  await transaction
    .updateTable('jobs')
    .set({ erased_at: instantOf(now) })
    .where('id', '=', id)
    .execute()
}

/** Where the artifacts of jobs lie: asked before their rows go. */
export const artifactPlaces = (reader: Reader, jobs: Jobs): Promise<ArtifactPlace[]> =>
  reader
    .selectFrom('job_artifacts')
    .select(['id', 'job_id'])
    .where(
      'job_id',
      'in',
      jobs.map(({ id }) => id),
    )
    .execute()

/** Logs and artifacts of jobs. Their rows go first: a crash then leaves files that nobody finds, and never rows without them. */
export const removeFiles = async (files: JobFiles, jobs: Jobs, artifacts: readonly ArtifactPlace[]): Promise<void> => {
  for (const { id, job_id } of artifacts) await files.removeArtifact(job_id, id)
  for (const { id } of jobs) await files.removeTrace(id)
}
