import { z } from 'zod'
import { mayOnProject } from '../../../access/policy.ts'
import type { AuditNote } from '../../../core/audit.ts'
import { rerun } from '../../../pipelines/rerun.ts'
import { tidyPipelineRefs } from '../../../pipelines/tidy-refs.ts'
import { artifactPlaces, removeFiles } from '../../../store/ci/erase.ts'
import { cancelPipeline } from '../../../store/ci/finish.ts'
import { jobsOf } from '../../../store/ci/jobs.ts'
import { deletePipeline, type PipelineRow, pipelineById, pipelinesOf } from '../../../store/ci/pipelines.ts'
import { retryPipeline } from '../../../store/ci/retry.ts'
import type { Project } from '../../../store/projects.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden, plainNotFound, validation } from '../errors.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { reachProject } from '../reach.ts'
import { makePipeline } from './create-pipeline.ts'
import { jobEntity, shapeJobs } from './job-shape.ts'
import { createInput, listInput, pipelineJobsInput, refInput, statusesIn, variablesOf } from './pipeline-input.ts'
import { pipelineList } from './pipeline-list.ts'
import { pipelineEntity, pipelineItemEntity, shapePipeline, shapePipelineBriefly } from './pipeline-shape.ts'
import { pipelineVariableEntity, shapePipelineVariables } from './pipeline-variable-shape.ts'
import { namedPipeline, reachJobs, requireRun } from './reach-jobs.ts'

export const notePipeline = (name: string, message: string, project: Project, row: PipelineRow): AuditNote => ({
  name,
  entity: projectEntity(project),
  target: { type: 'Ci::Pipeline', id: row.id, details: row.ref },
  message,
})

const list = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const query = pipelineList(call.parts.store.read, project, call.read(listInput))
  return paginate(call, query, (rows) => rows.map((row) => ({ ...shapePipelineBriefly(call, project, row), name: row.name })))
}

const create = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'run_pipelines')
  const { ref, variables } = call.read(createInput)
  const outcome = await makePipeline(call, {
    project,
    user: requireUser(call.caller).user.id,
    ref,
    source: 'api',
    variables: variablesOf(variables),
    keepErrors: false,
  })
  if (outcome.kind === 'refused') throw validation({ base: outcome.errors })
  call.audit(notePipeline('pipeline_created', `Created pipeline ${outcome.pipeline.id}`, project, outcome.pipeline))
  return created(await shapePipeline(call, project, outcome.pipeline))
}

/** The newest one of the last commit of a branch or tag, which may have several. */
const latest = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const { ref = project.default_branch ?? '' } = call.read(refInput)
  const row = await pipelinesOf(call.parts.store.read, project.id)
    .where('ref', '=', ref)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  // gitlab `lib/api/ci/pipelines.rb`: nobody is told whether the ref or its pipeline is missing.
  if (row === undefined) throw forbidden()
  return ok(await shapePipeline(call, project, row))
}

const show = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  return ok(await shapePipeline(call, project, await namedPipeline(call, project)))
}

const listJobs = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const { id } = await namedPipeline(call, project)
  const { scope, include_retried } = call.read(pipelineJobsInput)
  let query = jobsOf(call.parts.store.read, id).orderBy('id', 'desc')
  if (include_retried !== true) query = query.where('retried', '=', 0)
  if (scope !== undefined && scope.length > 0) query = query.where('status', 'in', statusesIn(scope))
  return paginate(call, query, (rows) => shapeJobs(call, project, rows))
}

/** Maintainers see them, and whoever gave them while Developer (gitlab `Ci::PipelinePolicy`, `read_pipeline_variable`). */
const listVariables = async (call: Call): Promise<Answer> => {
  const { project, standing } = await reachJobs(call)
  const row = await namedPipeline(call, project)
  const gave = requireUser(call.caller).user.id === row.user_id && mayOnProject('run_pipelines', standing, project)
  if (!gave && !mayOnProject('admin_pipelines', standing, project)) throw forbidden()
  return ok(await shapePipelineVariables(call, row.id))
}

const again = async (call: Call, row: PipelineRow): Promise<PipelineRow> => {
  const found = await pipelineById(call.parts.store.read, row.id)
  if (found === undefined) throw plainNotFound('404 Not found')
  return found
}

const retry = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const row = await namedPipeline(call, reached.project)
  const user = await requireRun(call, reached, row)
  await rerun(call.parts, row.id, (transaction) => retryPipeline(transaction, row.id, user.id, call.now))
  call.audit(notePipeline('pipeline_retried', `Retried pipeline ${row.id}`, reached.project, row))
  return created(await shapePipeline(call, reached.project, await again(call, row)))
}

const cancel = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  const row = await namedPipeline(call, reached.project)
  await requireRun(call, reached, row)
  await call.parts.store.write.transaction().execute((transaction) => cancelPipeline(transaction, row.id, call.now))
  await tidyPipelineRefs(call.parts, reached.project.id)
  call.audit(notePipeline('pipeline_canceled', `Canceled pipeline ${row.id}`, reached.project, row))
  return ok(await shapePipeline(call, reached.project, await again(call, row)))
}

const remove = async (call: Call): Promise<Answer> => {
  const { project, standing } = await reachJobs(call)
  const row = await namedPipeline(call, project)
  if (!mayOnProject('remove_pipelines', standing, project)) throw forbidden()
  refuseModified(call, row.updated_at)
  const { store } = call.parts
  const jobs = await jobsOf(store.read, row.id).execute()
  const artifacts = await artifactPlaces(store.read, jobs)
  if (!(await store.write.transaction().execute((transaction) => deletePipeline(transaction, row.id)))) {
    throw plainNotFound('404 Not found')
  }
  await removeFiles(call.parts.jobs.files, jobs, artifacts)
  await tidyPipelineRefs(call.parts, project.id)
  call.audit(notePipeline('destroy_pipeline', `Deleted pipeline ${row.id}`, project, row))
  return noContent
}

const at = '/projects/:id/pipelines'
const one = `${at}/:pipeline_id`

/** gitlab `lib/api/ci/pipelines.rb` */
export const pipelineRoutes: readonly Route[] = [
  route('POST', '/projects/:id/pipeline', { input: [createInput], output: pipelineEntity, handler: create }),
  route('GET', at, { input: [listInput], output: pipelineItemEntity, paged: true, open: true, handler: list }),
  route('GET', `${at}/latest`, { input: [refInput], output: pipelineEntity, open: true, handler: latest }),
  route('GET', one, { output: pipelineEntity, open: true, handler: show }),
  route('DELETE', one, { handler: remove }),
  route('GET', `${one}/jobs`, { input: [pipelineJobsInput], output: jobEntity, paged: true, open: true, handler: listJobs }),
  route('GET', `${one}/variables`, { output: z.array(pipelineVariableEntity), tellsSecret: true, handler: listVariables }),
  route('POST', `${one}/retry`, { output: pipelineEntity, handler: retry }),
  route('POST', `${one}/cancel`, { output: pipelineEntity, status: 200, handler: cancel }),
]
