import { mayOnProject } from '../../../access/policy.ts'
import type { JobId, PipelineId } from '../../../core/ids.ts'
import type { User } from '../../../core/principal.ts'
import { refStanding, wholeUser } from '../../../pipelines/permission.ts'
import { type JobRow, jobsOfProject } from '../../../store/ci/jobs.ts'
import { type PipelineRow, pipelinesOf } from '../../../store/ci/pipelines.ts'
import { readCiSettings } from '../../../store/ci/settings.ts'
import type { Project } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden, plainNotFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { type ReachedProject, reachProject } from '../reach.ts'

const gone = '404 Not found'

/** Whether a project has jobs at all, and shows them to someone who sees it. */
export const showsJobs = async (call: Call, { project, standing }: ReachedProject): Promise<boolean> => {
  const { jobs_enabled, public_jobs } = await readCiSettings(call.parts.store.read, project.id)
  return jobs_enabled === 1 && (public_jobs === 1 || mayOnProject('read_jobs', standing, project))
}

/**
 * The project of `:id`, to read its pipelines and jobs: Reporters may, and where jobs are public everyone who sees the
 * project (gitlab `ProjectPolicy`, `public_builds`). Throws 403 where there are no pipelines at all.
 */
export const reachJobs = async (call: Call): Promise<ReachedProject> => {
  const reached = await reachProject(call)
  if (!(await showsJobs(call, reached))) throw forbidden()
  return reached
}

export const namedPipeline = async (call: Call, project: Project): Promise<PipelineRow> => {
  const id = numberIn(call.word('pipeline_id'), 'pipeline_id') as PipelineId
  const row = await pipelinesOf(call.parts.store.read, project.id).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw plainNotFound(gone)
  return row
}

export const namedJob = async (call: Call, project: Project): Promise<JobRow> => {
  const id = numberIn(call.word('job_id'), 'job_id') as JobId
  const row = await jobsOfProject(call.parts.store.read, project.id).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw plainNotFound(gone)
  return row
}

/** Throws 403 where the caller may not run pipelines, or not on this ref, and where the project or a group above is archived (gitlab `Ci::BuildPolicy`, `protected_ref`). */
export const requireRun = async (
  call: Call,
  { project, standing }: ReachedProject,
  { ref, tag }: Pick<PipelineRow, 'ref' | 'tag'>,
): Promise<User> => {
  if (!mayOnProject('run_pipelines', standing, project)) throw forbidden()
  const { user } = requireUser(call.caller)
  const refusal = await call.parts.code.gate.refusalToPush(wholeUser(user), project)
  if (refusal?.reason === 'project_archived') throw forbidden()
  const asked = { project, user, ref: { name: ref, tag: tag === 1 } }
  if (!(await refStanding(call.parts.store.read, asked, call.now)).writes) throw forbidden()
  return user
}
