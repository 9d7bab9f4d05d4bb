import type { Day } from '../../core/clock.ts'
import type { Reader } from '../routes.ts'
import type { NoticeRunsTable } from '../schema.ts'
import type { Store } from '../sqlite.ts'

export type Job = NoticeRunsTable['job']

/** The day up to which a job has done its work; undefined where it never ran. */
export const lastRun = async (reader: Reader, job: Job): Promise<Day | undefined> =>
  (await reader.selectFrom('notice_runs').select('day').where('job', '=', job).executeTakeFirst())?.day

export const noteRun = async (store: Store, job: Job, day: Day): Promise<void> => {
  await store.write
    .insertInto('notice_runs')
    .values({ job, day })
    .onConflict((conflict) => conflict.column('job').doUpdateSet({ day }))
    .execute()
}
