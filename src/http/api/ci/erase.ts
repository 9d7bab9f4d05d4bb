import type { JobId } from '../../../core/ids.ts'
import type { JobFiles } from '../../../store/ci/job-files.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import type { Reader } from '../../../store/routes.ts'

interface Kept {
  readonly id: number
  readonly job_id: JobId
}

type Jobs = readonly Pick<JobRow, 'id'>[]

/** Files of jobs: rows go first, so that a crash leaves files that nobody finds, and never rows without them. */
export const eraseFiles = {
  find: (reader: Reader, jobs: Jobs): Promise<Kept[]> =>
    reader
      .selectFrom('job_artifacts')
      .select(['id', 'job_id'])
      .where(
        'job_id',
        'in',
        jobs.map(({ id }) => id),
      )
      .execute(),

  async remove(files: JobFiles, jobs: Jobs, artifacts: readonly Kept[]): Promise<void> {
    for (const { id, job_id } of artifacts) await files.removeArtifact(job_id, id)
    for (const { id } of jobs) await files.removeTrace(id)
  },
}
