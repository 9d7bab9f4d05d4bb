import { z } from 'zod'
import { mayCreateSubgroup, mayCreateTopGroup } from '../../../access/policy.ts'
import { groupPathProblems } from '../../../access/project-path.ts'
import { transferGroup } from '../../../store/group-transfer.ts'
import type { Namespace } from '../../../store/namespaces.ts'
import { updateNamespace } from '../../../store/namespaces.ts'
import { findProject } from '../../../store/projects.ts'
import { type Answer, created } from '../answer.ts'
import { aboutProject } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { ApiError, notFound, unprocessable } from '../errors.ts'
import { optional, whole } from '../input.ts'
import { moveInto } from '../projects/project-transfer.ts'
import { findGroup, type ReachedGroup, reachGroup, standingIn } from '../reach.ts'
import { current } from './group-change.ts'
import { groupDetailEntity, shapeGroup } from './group-shape.ts'

const input = z.object({ group_id: optional(whole()) })

const failed = (reason: string): ApiError =>
  new ApiError(400, { message: `Transfer failed: ${reason}` }, { log: { 'meta.refusal_reason': 'transfer_failed' } })

const outcomes: Readonly<Record<string, string>> = {
  taken: 'The parent group already has a subgroup or a project with the same path.',
  'within-itself': 'Cannot transfer group to one of its subgroup.',
  'too-deep': 'Parent has too deep level of nesting',
}

/** Who moves a group must be let make one there. */
const refuseTarget = (call: Call, { group }: ReachedGroup, target: ReachedGroup | undefined): void => {
  const { user, account } = requireUser(call.caller)
  const same = group.parent_id === (target?.group.id ?? null)
  if (same)
    throw failed(target === undefined ? 'Group is already a root group.' : 'Group is already associated to the parent group.')
  const allowed =
    target === undefined
      ? mayCreateTopGroup(user, account.can_create_group === 1)
      : mayCreateSubgroup(target.standing, target.group.subgroup_creation_level)
  if (!allowed) throw failed("You don't have enough permissions.")
  const [problem] = groupPathProblems(group.path, target === undefined)
  if (problem !== undefined) throw failed(`Path ${problem}`)
}

/** `POST /groups/:id/transfer`; without `group_id` to the top. */
const transfer = async (call: Call): Promise<Answer> => {
  const reached = await reachGroup(call, 'admin_group')
  const { group_id } = call.read(input)
  const target = group_id === undefined ? undefined : await findGroup(call, String(group_id), 'read_group')
  if (group_id !== undefined && target === undefined) throw notFound('Group')
  refuseTarget(call, reached, target)
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => transferGroup(transaction, reached.group.id, target?.group.id, call.now))
  if (outcome === 'gone') throw notFound('Group')
  if (outcome !== 'moved') throw failed(outcomes[outcome] ?? outcome)
  return created(await current(call, reached.group))
}

/** `POST /groups/:id/projects/:project_id`: an administrator moves a project into the group. */
const takeIn = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const target = await reachGroup(call)
  const found = await findProject(call.parts.store.read, call.word('project_id'))
  if (found === undefined) throw notFound('Project')
  const { project } = found
  const standing = await standingIn(call, project.lineage, project.id)
  await moveInto(call, { project, standing }, target)
  call.audit({ name: 'project_namespace_updated', ...aboutProject(project), message: `Moved to ${target.group.full_path}` })
  return created(await shapeGroup(call, target.group))
}

const archiveTexts = { 1: 'Group is already archived!', 0: 'Group is already unarchived!' } as const

const setArchived = (call: Call, group: Namespace, archived: 0 | 1) =>
  call.parts.store.write.transaction().execute((transaction) => updateNamespace(transaction, group.id, { archived }, call.now))

/** Nothing in an archived group can be pushed to. */
const archive =
  (archived: 0 | 1) =>
  async (call: Call): Promise<Answer> => {
    const { group } = await reachGroup(call, 'admin_group')
    if (group.archived === archived) throw unprocessable(archiveTexts[archived])
    await setArchived(call, group, archived)
    return created(await current(call, group))
  }

/** gitlab `lib/api/groups.rb`. */
export const groupTransferRoutes: readonly Route[] = [
  route('POST', '/groups/:id/transfer', { input: [input], output: groupDetailEntity, handler: transfer }),
  route('POST', '/groups/:id/projects/:project_id', { output: groupDetailEntity, handler: takeIn }),
  route('POST', '/groups/:id/archive', { output: groupDetailEntity, handler: archive(1) }),
  route('POST', '/groups/:id/unarchive', { output: groupDetailEntity, handler: archive(0) }),
]
