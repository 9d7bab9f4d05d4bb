import type { JobRow } from '../store/ci/jobs.ts'
import type { Reader } from '../store/routes.ts'
import type { HandedOut } from './job-variables.ts'
import type { JobPayload } from './payload-shape.ts'

/** From here on a runner is only told that there are more (gitlab `INSTANCE_RUNNER_RUNNING_JOBS_MAX_BUCKET`). */
const mostCounted = 5

/** For the runner's own figures. */
const runningOnInstanceRunners = async (reader: Reader, { request, subject }: HandedOut): Promise<string> => {
  if (request.runner.runner_type !== 'instance_type') return '+Inf'
  const rows = await reader
    .selectFrom('jobs')
    .innerJoin('runners', 'runners.id', 'jobs.runner_id')
    .select('jobs.id')
    .where('jobs.project_id', '=', subject.project.id)
    .where('jobs.status', '=', 'running')
    .where('runners.runner_type', '=', 'instance_type')
    .where('jobs.id', '!=', request.job.id)
    .limit(mostCounted)
    .execute()
  return rows.length < mostCounted ? String(rows.length) : `${mostCounted}+`
}

const secondsInQueue = ({ queued_at, started_at }: JobRow): number =>
  queued_at === null || started_at === null ? 0 : Math.max(0, (Date.parse(started_at) - Date.parse(queued_at)) / 1000)

/** Everything stands in one organization, GitLab's first. */
const organization = 1

export const jobInfoOf = async (reader: Reader, handed: HandedOut): Promise<JobPayload['job_info']> => {
  const { subject, request, pipeline } = handed
  const { job } = request
  const { project, namespaces } = subject
  return {
    name: job.name,
    stage: job.stage,
    pipeline_id: pipeline.id,
    project_id: project.id,
    namespace_id: project.namespace_id,
    root_namespace_id: namespaces[0]?.id ?? project.namespace_id,
    organization_id: organization,
    user_id: job.user_id ?? 0,
    scoped_user_id: null,
    project_name: project.path,
    project_full_path: project.full_path,
    instance_id: '',
    instance_uuid: '',
    time_in_queue_seconds: secondsInQueue(job),
    project_jobs_running_on_instance_runners_count: await runningOnInstanceRunners(reader, handed),
    queue_size: 0,
    queue_depth: 0,
  }
}
