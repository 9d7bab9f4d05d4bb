import { projectById } from '../../../store/projects.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireJob } from '../caller.ts'
import { unauthorized } from '../errors.ts'
import { jobEntity, shapeJob } from './job-shape.ts'

/** The job whose token is shown (gitlab `lib/api/ci/jobs.rb`, `GET /job`). */
const show = async (call: Call): Promise<Answer> => {
  const { job, home } = requireJob(call.caller)
  const project = await projectById(call.parts.store.read, home.id)
  if (project === undefined) throw unauthorized('job_without_project')
  return ok(await shapeJob(call, project, job))
}

export const ownJobRoutes: readonly Route[] = [
  route('GET', '/job', { jobToken: true, summary: 'Get the job of a job token', output: jobEntity, handler: show }),
]
