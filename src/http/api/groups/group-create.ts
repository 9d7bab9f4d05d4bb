import { groupVisibilityProblem, mayCreateSubgroup, mayCreateTopGroup, restrictedProblem } from '../../../access/policy.ts'
import { groupNameProblem, groupPathProblems } from '../../../access/project-path.ts'
import { fitsInside, type Visibility } from '../../../core/visibility.ts'
import { protectionColumns } from '../../../store/default-protection.ts'
import { deepestGroup } from '../../../store/group-transfer.ts'
import { createGroup, lineageIds, type Namespace } from '../../../store/namespaces.ts'
import { readApplicationSettings } from '../../../store/settings.ts'
import { type Answer, created } from '../answer.ts'
import { aboutGroup } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { ApiError, forbidden, notFound } from '../errors.ts'
import { visibilityUnfit } from '../projects/project-input.ts'
import { findGroup } from '../reach.ts'
import { askedProtection } from './default-protection.ts'
import { newGroupInput } from './group-input.ts'
import { shapeGroup } from './group-shape.ts'

/** GitLab prints the messages of a group that was not made as Ruby writes a hash. */
const notSaved = (field: string, ...problems: readonly string[]): ApiError =>
  new ApiError(
    400,
    { message: `Failed to save group {:${field}=>${JSON.stringify(problems).replaceAll('","', '", "')}}` },
    { log: { 'meta.refusal_reason': 'invalid_record' } },
  )

/** The group in which another is to be made, and that the caller may make one there. */
const parentFor = async (call: Call, id: number | undefined): Promise<Namespace | undefined> => {
  const caller = requireUser(call.caller)
  if (id === undefined) {
    if (!mayCreateTopGroup(caller.user, caller.account.can_create_group === 1)) throw forbidden()
    return undefined
  }
  const parent = await findGroup(call, String(id), 'read_group')
  if (parent === undefined) throw notFound('Group')
  if (!mayCreateSubgroup(parent.standing, parent.group.subgroup_creation_level)) throw forbidden()
  return parent.group
}

const refuseNewGroup = (name: string, path: string, visibility: Visibility, parent: Namespace | undefined): void => {
  const problems: Record<string, string | undefined> = {
    name: groupNameProblem(name),
    visibility_level: parent && groupVisibilityProblem(visibility, parent.visibility),
    parent_id: parent && lineageIds(parent.lineage).length >= deepestGroup ? 'has too deep level of nesting' : undefined,
  }
  const pathProblems = groupPathProblems(path, parent === undefined)
  if (pathProblems.length > 0) throw notSaved('path', ...pathProblems)
  for (const [field, problem] of Object.entries(problems)) if (problem !== undefined) throw notSaved(field, problem)
}

/** `POST /groups` */
export const create = async (call: Call): Promise<Answer> => {
  const input = call.read(newGroupInput)
  const parent = await parentFor(call, input.parent_id)
  const settings = await readApplicationSettings(call.parts.store.read)
  const usual = settings.default_group_visibility
  const visibility = input.visibility ?? (parent && !fitsInside(usual, parent.visibility) ? parent.visibility : usual)
  refuseNewGroup(input.name, input.path, visibility, parent)
  const problem = restrictedProblem(requireUser(call.caller).user, visibility, settings.restricted_visibility_levels)
  if (problem !== undefined) throw notSaved('visibility_level', problem)
  const protection = askedProtection(input)
  const fieldsOfGroup = {
    name: input.name,
    path: input.path,
    description: input.description ?? '',
    visibility,
    project_creation_level: input.project_creation_level ?? 'developer',
    subgroup_creation_level: input.subgroup_creation_level ?? 'maintainer',
    ...(protection === undefined ? { default_branch_protection: null } : protectionColumns(protection)),
  } as const
  const home = { parentId: parent?.id, creator: requireUser(call.caller).user.id }
  const group = await createGroup(call.parts.store, { ...fieldsOfGroup, ...home }, call.now)
  if (group === 'taken') throw notSaved('path', 'has already been taken')
  if (group === 'parent-gone') throw notFound('Group')
  if (group === 'too-visible') throw visibilityUnfit()
  call.audit({ name: 'group_created', ...aboutGroup(group), message: 'Added group' })
  return created(await shapeGroup(call, group))
}
