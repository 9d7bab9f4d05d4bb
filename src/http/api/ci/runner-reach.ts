import { mayOnGroup, mayOnProject } from '../../../access/policy.ts'
import type { RunnerId } from '../../../core/ids.ts'
import { findRunner, projectsOfRunner, type RunnerRow } from '../../../store/ci/runners.ts'
import { namespaceById } from '../../../store/namespaces.ts'
import { type Project, projectById } from '../../../store/projects.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden, plainNotFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { standingIn } from '../reach.ts'

/** What a caller may do with one runner (gitlab `Ci::RunnerPolicy`). */
export interface RunnerRights {
  readonly read: boolean
  readonly readJobs: boolean
  readonly update: boolean
  readonly assign: boolean
  readonly remove: boolean
}

const all: RunnerRights = { read: true, readJobs: true, update: true, assign: true, remove: true }
const none: RunnerRights = { read: false, readJobs: false, update: false, assign: false, remove: false }

const onGroup = async (call: Call, runner: RunnerRow): Promise<RunnerRights> => {
  const group = runner.group_id === null ? undefined : await namespaceById(call.parts.store.read, runner.group_id)
  if (group === undefined) return none
  const standing = await standingIn(call, group.lineage, undefined)
  if (mayOnGroup('manage_runners', standing, group, false)) return all
  const read = mayOnGroup('read_runners', standing, group, false)
  return { ...none, read, readJobs: read }
}

const administers = async (call: Call, project: Project): Promise<boolean> =>
  mayOnProject('manage_runners', await standingIn(call, project.lineage, project.id), project)

/** A Maintainer of any of its projects; only one who is that of its only project may remove it. */
const onProjects = async (call: Call, runner: RunnerRow): Promise<RunnerRights> => {
  const ids = await projectsOfRunner(call.parts.store.read, runner.id)
  for (const id of ids) {
    const project = await projectById(call.parts.store.read, id)
    if (project !== undefined && (await administers(call, project))) return { ...all, remove: ids.length === 1 }
  }
  return none
}

const rightsOf = async (call: Call, runner: RunnerRow): Promise<RunnerRights> => {
  if (requireUser(call.caller).isAdmin) return all
  if (runner.runner_type === 'instance_type') return { ...none, read: true }
  return runner.runner_type === 'group_type' ? onGroup(call, runner) : onProjects(call, runner)
}

export const runnerById = async (call: Call, id: number): Promise<RunnerRow> => {
  const runner = await findRunner(call.parts.store.read, id as RunnerId)
  if (runner === undefined) throw plainNotFound('404 Not found')
  return runner
}

/** The runner that `:id` names. Throws 404 where there is none, 403 where the caller may not do this to it. */
export const reachRunner = async (
  call: Call,
  right: keyof RunnerRights,
): Promise<{ readonly runner: RunnerRow; readonly rights: RunnerRights }> => {
  const runner = await runnerById(call, numberIn(call.word('id'), 'id'))
  const rights = await rightsOf(call, runner)
  if (rights[right]) return { runner, rights }
  if (right === 'remove' && rights.update) throw forbidden('Runner associated with more than one project')
  throw forbidden('No access granted')
}

/** Throws 403 where the caller may not give this runner to another project. */
export const refuseAssignment = async (call: Call, runner: RunnerRow): Promise<void> => {
  if (runner.runner_type === 'group_type') throw forbidden('Runner is a group runner')
  const { isAdmin } = requireUser(call.caller)
  if (!isAdmin && runner.locked === 1) throw forbidden('Runner is locked')
  if (!(await rightsOf(call, runner)).assign) throw forbidden('No access granted')
}
