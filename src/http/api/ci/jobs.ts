import { mayOnProject } from '../../../access/policy.ts'
import { hasEnded } from '../../../ci/states.ts'
import type { AuditNote } from '../../../core/audit.ts'
import type { JobId } from '../../../core/ids.ts'
import { rerun } from '../../../pipelines/rerun.ts'
import { tidyPipelineRefs } from '../../../pipelines/tidy-refs.ts'
import { artifactPlaces, eraseJob, removeFiles } from '../../../store/ci/erase.ts'
import { cancelJob } from '../../../store/ci/finish.ts'
import { findJob, type JobRow, jobsOfProject } from '../../../store/ci/jobs.ts'
import { playJob, retryJob } from '../../../store/ci/retry.ts'
import type { Project } from '../../../store/projects.ts'
import { type Answer, created, ok } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { badRequest, forbidden, plainNotFound } from '../errors.ts'
import { paginate } from '../pagination.ts'
import { jobEntity, shapeJob, shapeJobs } from './job-shape.ts'
import { jobsInput, statusesIn } from './pipeline-input.ts'
import { namedJob, reachJobs, requireRun } from './reach-jobs.ts'

const note = (name: string, message: string, project: Project, job: JobRow): AuditNote => ({
  name,
  entity: projectEntity(project),
  target: { type: 'Ci::Build', id: job.id, details: job.name },
  message: `${message} job ${job.id}`,
})

const list = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const { scope } = call.read(jobsInput)
  const query = jobsOfProject(call.parts.store.read, project.id).orderBy('id', 'desc')
  const narrowed = scope === undefined || scope.length === 0 ? query : query.where('status', 'in', statusesIn(scope))
  return paginate(call, narrowed, (rows) => shapeJobs(call, project, rows))
}

const show = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  return ok(await shapeJob(call, project, await namedJob(call, project)))
}

const shapeOf = async (call: Call, project: Project, id: JobId) => {
  const job = await findJob(call.parts.store.read, id)
  if (job === undefined) throw plainNotFound('404 Not found')
  return shapeJob(call, project, job)
}

/** A job that has ended is answered as it is. */
const cancel = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const job = await namedJob(call, reached.project)
  await requireRun(call, reached, job)
  const { store } = call.parts
  const canceled = await store.write.transaction().execute((transaction) => cancelJob(transaction, job.id, call.now))
  if (canceled) {
    await tidyPipelineRefs(call.parts, reached.project.id)
    call.audit(note('job_canceled', 'Canceled', reached.project, job))
  }
  return created(await shapeOf(call, reached.project, job.id))
}

const retry = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const job = await namedJob(call, reached.project)
  const user = await requireRun(call, reached, job)
  const made = await rerun(call.parts, job.pipeline_id, (transaction) => retryJob(transaction, job.id, user.id, call.now))
  if (made === undefined) throw forbidden('Job is not retryable')
  call.audit(note('job_retried', 'Retried', reached.project, job))
  return created(await shapeOf(call, reached.project, made))
}

const play = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const job = await namedJob(call, reached.project)
  const user = await requireRun(call, reached, job)
  const played = await rerun(call.parts, job.pipeline_id, (transaction) => playJob(transaction, job.id, user.id, call.now))
  if (!played) throw badRequest('Unplayable Job')
  call.audit(note('job_played', 'Started', reached.project, job))
  return ok(await shapeOf(call, reached.project, job.id))
}

/** Maintainers may, and Developers their own (gitlab `Ci::BuildPolicy`, `erase_build`). */
const erase = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const { project, standing } = reached
  const job = await namedJob(call, project)
  const own = requireUser(call.caller).user.id === job.user_id
  await requireRun(call, reached, job)
  if (!own && !mayOnProject('admin_pipelines', standing, project)) throw forbidden()
  if (!hasEnded(job.status) || job.erased_at !== null) throw forbidden('Job is not erasable!')
  const { store, jobs } = call.parts
  const artifacts = await artifactPlaces(store.read, [job])
  await store.write.transaction().execute((transaction) => eraseJob(transaction, job.id, call.now))
  await removeFiles(jobs.files, [job], artifacts)
  call.audit(note('job_erased', 'Erased', project, job))
  return created(await shapeOf(call, project, job.id))
}

const at = '/projects/:id/jobs'
const one = `${at}/:job_id`

/** gitlab `lib/api/ci/jobs.rb` */
export const jobRoutes: readonly Route[] = [
  route('GET', at, { input: [jobsInput], output: jobEntity, paged: true, handler: list }),
  route('GET', one, { output: jobEntity, handler: show }),
  route('POST', `${one}/cancel`, { output: jobEntity, handler: cancel }),
  route('POST', `${one}/retry`, { output: jobEntity, handler: retry }),
  route('POST', `${one}/play`, { output: jobEntity, status: 200, handler: play }),
  route('POST', `${one}/erase`, { output: jobEntity, handler: erase }),
]
