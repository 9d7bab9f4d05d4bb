import type { z } from 'zod'
import { groupVisibilityProblem, restrictedProblem } from '../../../access/policy.ts'
import { groupNameProblem, groupPathProblems } from '../../../access/project-path.ts'
import type { Visibility } from '../../../core/visibility.ts'
import { protectionColumns } from '../../../store/default-protection.ts'
import { type Namespace, namespaceById, updateNamespace, visibilityBarrier } from '../../../store/namespaces.ts'
import { removeNamespace } from '../../../store/removal.ts'
import { readSetting } from '../../../store/settings.ts'
import { type Answer, accepted, ok } from '../answer.ts'
import { aboutGroup, changesOf } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { notFound, validation } from '../errors.ts'
import { refuseModified } from '../precondition.ts'
import { refuseProblems, visibilityUnfit } from '../projects/project-input.ts'
import { reachGroup } from '../reach.ts'
import { askedProtection } from './default-protection.ts'
import { groupChangeInput } from './group-input.ts'
import { shapeGroup } from './group-shape.ts'

const barrierTexts = {
  project: 'since this group contains projects with higher visibility.',
  subgroup: 'since there are sub-groups with higher visibility.',
} as const

/** What stands in a group may not be more visible than the group (gitlab `Group`, `visibility_level_allowed_by_*`). */
const refuseVisibility = async (call: Call, group: Namespace, visibility: Visibility): Promise<void> => {
  const { read } = call.parts.store
  const parent = group.parent_id === null ? undefined : await namespaceById(read, group.parent_id)
  refuseProblems({ visibility_level: parent && groupVisibilityProblem(visibility, parent.visibility) })
  const restricted = await readSetting(read, 'restricted_visibility_levels')
  const changes = visibility !== group.visibility
  const { user } = requireUser(call.caller)
  refuseProblems({ visibility_level: changes ? restrictedProblem(user, visibility, restricted) : undefined })
  const barrier = await visibilityBarrier(read, group, visibility)
  refuseProblems({ visibility_level: barrier && `${visibility} is not allowed ${barrierTexts[barrier]}` })
}

const changeNames = [
  ['name', 'group_name_updated'],
  ['full_path', 'group_path_updated'],
  ['visibility', 'group_visibility_level_updated'],
  ['description', 'group_description_updated'],
  ['project_creation_level', 'group_project_creation_level_updated'],
  ['subgroup_creation_level', 'group_subgroup_creation_level_updated'],
  ['default_branch_protection', 'group_default_branch_protection_updated'],
  ['default_branch_protection_defaults', 'group_default_branch_protection_updated'],
] as const

/** The group as it is now, after a change of which the audit is told. */
export const current = async (call: Call, before: Namespace): Promise<object> => {
  const group = await namespaceById(call.parts.store.read, before.id)
  if (group === undefined) throw notFound('Group')
  call.audit(...changesOf(before, group, changeNames, aboutGroup(group)))
  if (group.archived !== before.archived) {
    const [name, message] = group.archived === 1 ? ['group_archived', 'Group archived'] : ['group_unarchived', 'Group unarchived']
    call.audit({ name, ...aboutGroup(group), message })
  }
  return shapeGroup(call, group)
}

const changedColumns = (input: z.output<typeof groupChangeInput>) => {
  const { default_branch_protection, default_branch_protection_defaults, ...plain } = input
  const protection = askedProtection({ default_branch_protection, default_branch_protection_defaults })
  const given = Object.entries({ ...plain, ...(protection && protectionColumns(protection)) })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}

/** `PUT /groups/:id` */
export const update = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'admin_group')
  const input = call.read(groupChangeInput)
  refuseProblems({ name: input.name === undefined ? undefined : groupNameProblem(input.name) })
  const problems = input.path === undefined ? [] : groupPathProblems(input.path, group.parent_id === null)
  if (problems.length > 0) throw validation({ path: problems })
  if (input.visibility !== undefined) await refuseVisibility(call, group, input.visibility)
  const given = changedColumns(input)
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => updateNamespace(transaction, group.id, given, call.now))
  if (outcome === 'taken') throw validation({ path: ['has already been taken'] })
  if (outcome === 'barred') throw visibilityUnfit()
  return ok(await current(call, group))
}

/** `DELETE /groups/:id`: with everything below it; repositories go once the rows are gone. */
export const remove = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'remove_group')
  refuseModified(call, group.updated_at)
  const { store, repositories } = call.parts
  const projects = await store.write.transaction().execute((transaction) => removeNamespace(transaction, group.id))
  call.audit({ name: 'group_destroyed', ...aboutGroup(group), message: `Removed group, with ${projects.length} projects` })
  for (const project of projects) await repositories.remove(project)
  return accepted()
}
