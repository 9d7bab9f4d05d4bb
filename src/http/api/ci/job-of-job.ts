import { mayOnProject } from '../../../access/policy.ts'
import type { JobId } from '../../../core/ids.ts'
import type { Secret } from '../../../core/secret.ts'
import { findJob, type JobRow } from '../../../store/ci/jobs.ts'
import { lineageIds } from '../../../store/namespaces.ts'
import { projectById } from '../../../store/projects.ts'
import { roleIn } from '../../../store/roles.ts'
import type { Call } from '../call.ts'
import type { JobCaller } from '../caller.ts'
import { ApiError, forbidden } from '../errors.ts'
import { numberIn } from '../input.ts'
import { jobCaller } from '../job-authentication.ts'
import { showsJobs } from './reach-jobs.ts'

/** A runner is told 403 whatever is wrong with the token, as GitLab has it. */
const callerBy = async (call: Call, secret: Secret): Promise<JobCaller> => {
  const { method, parameters, address, parts } = call
  try {
    return await jobCaller(secret, { method, headers: {}, parameters, address }, parts)
  } catch (fault) {
    throw fault instanceof ApiError && fault.status === 401 ? forbidden(undefined, 'credential_unknown') : fault
  }
}

/** Whether the job's user may look at the jobs of its project now. */
const looksAtJobs = async (call: Call, { user, home }: JobCaller): Promise<boolean> => {
  const { read } = call.parts.store
  const project = await projectById(read, home.id)
  if (project === undefined) return false
  const place = { namespaces: lineageIds(project.lineage), project: project.id }
  const standing = { user, role: await roleIn(read, user.id, place, call.now) }
  return mayOnProject('read_project', standing, project) && showsJobs(call, { project, standing })
}

/**
 * The job of `:id`, for a running job of the same project whose user may look at it (gitlab `lib/api/ci/runner.rb`,
 * `authenticate_job_via_dependent_job!`). Throws 403.
 */
export const jobShownToJob = async (call: Call, secret: Secret): Promise<JobRow> => {
  const id = numberIn(call.word('id'), 'id') as JobId
  const caller = await callerBy(call, secret)
  const job = await findJob(call.parts.store.read, id)
  if (job?.kind !== 'job' || job.project_id !== caller.home.id || !(await looksAtJobs(call, caller))) throw forbidden()
  return job
}
