import { z } from 'zod'
import { forgetContacts } from '../../../store/ci/contacts.ts'
import {
  allRunners,
  filterRunners,
  type RunnerFilter,
  type RunnerQuery,
  runnersForGroup,
  runnersForProject,
  runnersOwnedBy,
} from '../../../store/ci/runner-lists.ts'
import { assignRunner, deleteRunner, projectsOfRunner, unassignRunner, updateRunner } from '../../../store/ci/runners.ts'
import { lineageIds } from '../../../store/namespaces.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { ApiError, forbidden, notFound, parameterError, plainNotFound, validation } from '../errors.ts'
import { numberIn, whole } from '../input.ts'
import { paginate, paginateRows } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { reachGroup, reachProject } from '../reach.ts'
import { runnerHome, runnerNote } from './runner-audit.ts'
import { askedFields, problemsOf, runnerFields, runnerFilters, storedFields } from './runner-input.ts'
import { reachRunner, refuseAssignment, runnerById } from './runner-reach.ts'
import {
  managerEntity,
  runnerDetailEntity,
  runnerEntity,
  shapeManagers,
  shapeRunnerDetails,
  shapeRunners,
} from './runner-shape.ts'

const types: Readonly<Record<string, RunnerFilter['type']>> = {
  shared: 'instance_type',
  instance_type: 'instance_type',
  group_type: 'group_type',
  specific: 'project_type',
  project_type: 'project_type',
}

/** What the old parameter `scope` asks. */
const scoped = (scope: string | undefined): RunnerFilter => {
  if (scope === undefined) return {}
  const type = types[scope]
  return type === undefined ? { status: scope as NonNullable<RunnerFilter['status']> } : { type }
}

const listed = (call: Call, query: RunnerQuery): Promise<Answer> => {
  const { scope, ...filter } = call.read(runnerFilters)
  const narrowed = filterRunners(filterRunners(query, scoped(scope), call.now), filter, call.now)
  return paginate(call, narrowed.orderBy('runners.id', 'desc'), (rows) => shapeRunners(call, rows))
}

const listOwn = (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  return listed(call, runnersOwnedBy(call.parts.store.read, user.id, call.now))
}

const listAll = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  return listed(call, allRunners(call.parts.store.read))
}

const listOfProject = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_runners')
  return listed(call, runnersForProject(call.parts.store.read, project.id, lineageIds(project.lineage)))
}

const listOfGroup = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'read_runners')
  return listed(call, runnersForGroup(call.parts.store.read, lineageIds(group.lineage)))
}

const show = async (call: Call): Promise<Answer> => {
  const { runner, rights } = await reachRunner(call, 'read')
  return ok(await shapeRunnerDetails(call, runner, rights.update))
}

const listManagers = async (call: Call): Promise<Answer> => {
  const { runner } = await reachRunner(call, 'read')
  return paginateRows(call, await shapeManagers(call, runner), (machine) => machine)
}

const change = z.object(runnerFields)
const atLeastOne = `${Object.keys(runnerFields).join(', ')} are missing, at least one parameter must be provided`

const update = async (call: Call): Promise<Answer> => {
  const { runner } = await reachRunner(call, 'update')
  const asked = askedFields(call.read(change))
  if (Object.keys(asked).length === 0) throw parameterError(atLeastOne)
  const problems = problemsOf({ ...storedFields(runner), ...asked })
  if (Object.keys(problems).length > 0) throw validation(problems)
  const changed = await updateRunner(call.parts.store, runner.id, asked, call.now)
  if (changed === undefined) throw plainNotFound('404 Not found')
  const message = `Changed ${Object.keys(asked).join(', ')} of a runner`
  call.audit(runnerNote('ci_runner_updated', await runnerHome(call, changed), changed, message))
  return ok(await shapeRunnerDetails(call, changed, true))
}

const remove = async (call: Call): Promise<Answer> => {
  const { runner } = await reachRunner(call, 'remove')
  refuseModified(call, runner.updated_at)
  const home = await runnerHome(call, runner)
  if (!(await deleteRunner(call.parts.store, runner.id))) throw plainNotFound('404 Not found')
  await forgetContacts(call.parts.store, runner.id)
  call.audit(runnerNote('ci_runner_unregistered', home, runner, 'Removed a runner'))
  return noContent
}

const assignment = z.object({ runner_id: whole() })

const alreadyThere = (): ApiError =>
  new ApiError(
    400,
    { message: { base: ['Runner is already assigned to this project'] } },
    { log: { 'meta.refusal_reason': 'conflict' } },
  )

const enable = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_runners')
  const runner = await runnerById(call, call.read(assignment).runner_id)
  await refuseAssignment(call, runner)
  if (runner.runner_type !== 'project_type') throw forbidden('Runner is an instance runner')
  const { store } = call.parts
  const given = await store.write.transaction().execute((transaction) => assignRunner(transaction, runner.id, project.id, false))
  if (!given) throw alreadyThere()
  const message = `Gave a runner to project ${project.full_path}`
  call.audit(runnerNote('ci_runner_assigned_to_project', projectEntity(project), runner, message))
  return created((await shapeRunners(call, [runner]))[0])
}

const lastOne = 'Only one project associated with the runner. Please remove the runner instead'
const ownerProject = 'You cannot unassign a runner from the owner project. Delete the runner instead'

const disable = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call, 'manage_runners')
  const runner = await runnerById(call, numberIn(call.word('runner_id'), 'runner_id'))
  const projects = await projectsOfRunner(call.parts.store.read, runner.id)
  if (!projects.includes(project.id)) throw notFound('Runner')
  if (projects.length === 1) throw forbidden(lastOne)
  if (projects[0] === project.id) throw forbidden(ownerProject)
  const { store } = call.parts
  await store.write.transaction().execute((transaction) => unassignRunner(transaction, runner.id, project.id))
  const message = `Took a runner from project ${project.full_path}`
  call.audit(runnerNote('ci_runner_unassigned_from_project', projectEntity(project), runner, message))
  return noContent
}

const list = { input: [runnerFilters], output: runnerEntity, paged: true } as const
const manages = { scopes: ['manage_runner'] } as const

/** Runners as their administrators see them (gitlab `lib/api/ci/runners.rb`). */
export const runnerRoutes: readonly Route[] = [
  route('GET', '/runners', { ...list, handler: listOwn }),
  route('GET', '/runners/all', { ...list, handler: listAll }),
  route('GET', '/runners/:id', { ...manages, output: runnerDetailEntity, handler: show }),
  route('PUT', '/runners/:id', { ...manages, input: [change], output: runnerDetailEntity, handler: update }),
  route('DELETE', '/runners/:id', { ...manages, handler: remove }),
  route('GET', '/runners/:id/managers', { ...manages, output: managerEntity, paged: true, handler: listManagers }),
  route('GET', '/projects/:id/runners', { ...list, handler: listOfProject }),
  route('POST', '/projects/:id/runners', { input: [assignment], output: runnerEntity, handler: enable }),
  route('DELETE', '/projects/:id/runners/:runner_id', { handler: disable }),
  route('GET', '/groups/:id/runners', { ...list, handler: listOfGroup }),
]
