import type { JobStatus } from '../../ci/states.ts'
import type { JobId, ProjectId } from '../../core/ids.ts'
import type { Reader } from '../routes.ts'

export interface JobFilter {
  readonly project?: ProjectId | undefined
  readonly statuses?: readonly JobStatus[] | undefined
}

/** Jobs and leases with the words for what they belong to: for whoever looks after the server, not for clients. */
const selectJobs = (reader: Reader) =>
  reader
    .selectFrom('jobs')
    .innerJoin('routes', 'routes.project_id', 'jobs.project_id')
    .leftJoin('users', 'users.id', 'jobs.user_id')
    .select([
      'jobs.id',
      'jobs.kind',
      'jobs.pipeline_id',
      'jobs.name',
      'jobs.stage',
      'jobs.status',
      'jobs.ref',
      'jobs.timeout',
      'jobs.runner_id',
      'jobs.failure_reason',
      'jobs.exit_code',
      'jobs.created_at',
      'jobs.queued_at',
      'jobs.started_at',
      'jobs.finished_at',
      'routes.path as project',
      'users.username as user',
    ])

export type JobOverview = Awaited<ReturnType<ReturnType<typeof selectJobs>['executeTakeFirstOrThrow']>>

/** The newest first. */
export const overviewOfJobs = (reader: Reader, { project, statuses }: JobFilter, most: number): Promise<JobOverview[]> => {
  const all = selectJobs(reader)
  const inProject = project === undefined ? all : all.where('jobs.project_id', '=', project)
  const wanted = statuses === undefined ? inProject : inProject.where('jobs.status', 'in', statuses)
  return wanted.orderBy('jobs.id', 'desc').limit(most).execute()
}

export const overviewOfJob = (reader: Reader, id: JobId): Promise<JobOverview | undefined> =>
  selectJobs(reader).where('jobs.id', '=', id).executeTakeFirst()
