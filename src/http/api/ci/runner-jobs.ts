import { z } from 'zod'
import { jobStatuses } from '../../../ci/states.ts'
import type { ProjectId } from '../../../core/ids.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { selectProjects } from '../../../store/projects.ts'
import { projectsOf } from '../../../store/visible.ts'
import type { Answer } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { namespacesAbove } from '../groups/namespace-shape.ts'
import { oneOf, optional, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { projectIdentityEntity, projectIdentityShape } from '../projects/project-identity.ts'
import { jobEntity, shapeJobs } from './job-shape.ts'
import { reachRunner } from './runner-reach.ts'

/** gitlab `API::Entities::Ci::JobBasicWithProject` */
const runnerJobEntity = jobEntity
  .omit({ artifacts_file: true, artifacts: true, artifacts_expire_at: true, runner: true, archived: true, tag_list: true })
  .extend({ project: projectIdentityEntity })
  .meta({ id: 'JobBasicWithProject' })

/** Drops what this list does not tell. */
const withoutDetails = runnerJobEntity.strip()

const filters = z.object({
  status: optional(oneOf(jobStatuses)),
  system_id: optional(text(64)),
  order_by: optional(oneOf(['id'])),
  sort: optional(oneOf(['asc', 'desc'])),
})

const reporter = 20

const shapeOfProject = async (call: Call, id: ProjectId, rows: readonly JobRow[]) => {
  const { read } = call.parts.store
  const project = await selectProjects(read).where('projects.id', '=', id).executeTakeFirst()
  if (project === undefined) return []
  const identity = projectIdentityShape(project, await namespacesAbove(read, [project]))
  return (await shapeJobs(call, project, rows)).map((job) => withoutDetails.parse({ ...job, project: identity }))
}

const shapeAll = async (call: Call, rows: readonly JobRow[]) => {
  const shaped = new Map<number, z.output<typeof runnerJobEntity>>()
  for (const [project, some] of Map.groupBy(rows, ({ project_id }) => project_id)) {
    for (const job of await shapeOfProject(call, project, some)) shaped.set(job.id, job)
  }
  return rows.flatMap(({ id }) => shaped.get(id) ?? [])
}

/** Of all that a runner did, what stands in projects whose jobs the caller may read as a Reporter. */
const list = async (call: Call): Promise<Answer> => {
  const { runner } = await reachRunner(call, 'readJobs')
  const { status, system_id, sort = 'desc' } = call.read(filters)
  const { user, isAdmin } = requireUser(call.caller)
  const query = call.parts.store.read
    .selectFrom('jobs')
    .innerJoin('projects', 'projects.id', 'jobs.project_id')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .selectAll('jobs')
    .where('jobs.runner_id', '=', runner.id)
    .$if(!isAdmin, (some) => some.where(projectsOf(user.id, reporter, call.now)))
    .$if(status !== undefined, (some) => some.where('jobs.status', '=', status ?? 'running'))
    .$if(system_id !== undefined, (some) => some.where('jobs.runner_system', '=', system_id ?? ''))
    .orderBy('jobs.id', sort)
  return paginate(call, query, (rows) => shapeAll(call, rows))
}

export const runnerJobRoutes: readonly Route[] = [
  route('GET', '/runners/:id/jobs', {
    scopes: ['manage_runner'],
    input: [filters],
    output: runnerJobEntity,
    paged: true,
    handler: list,
  }),
]
