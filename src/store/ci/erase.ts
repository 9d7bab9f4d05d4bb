import type { JobId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Writer } from '../routes.ts'

/** What is known of a job's artifacts is gone, and that it was erased is kept; the files are the caller's to remove. */
export const eraseJob = async (transaction: Writer, id: JobId, now: number): Promise<void> => {
  await transaction.deleteFrom('job_artifacts').where('job_id', '=', id).execute()
  await transaction
    .updateTable('jobs')
    .set({ erased_at: instantOf(now) })
    .where('id', '=', id)
    .execute()
}
