import type { ProtectionPreset } from '../../core/project.ts'
import type { Namespace } from '../../store/namespaces.ts'
import { readApplicationSettings } from '../../store/settings.ts'
import type { Call } from './call.ts'
import { fullName, namespacesAbove, namespaceUrl } from './namespace-shape.ts'

interface Protection {
  readonly push: number
  readonly merge: number
  readonly force?: true
  readonly initial?: true
}

/** GitLab's presets in its newer form (gitlab `lib/gitlab/access/branch_protection.rb`). */
const presets: Record<ProtectionPreset, Protection> = {
  0: { push: 30, merge: 30, force: true },
  1: { push: 30, merge: 40 },
  2: { push: 40, merge: 40 },
  3: { push: 40, merge: 30 },
  4: { push: 40, merge: 40, initial: true },
}

const protectionShape = (preset: ProtectionPreset) => {
  const { push, merge, force, initial } = presets[preset]
  return {
    allowed_to_push: [{ access_level: push }],
    allow_force_push: force === true,
    allowed_to_merge: [{ access_level: merge }],
    developer_can_initial_push: initial === true,
  }
}

const shape = (call: Call, group: Namespace, name: string, preset: ProtectionPreset) => ({
  id: group.id,
  web_url: namespaceUrl(group, call.parts.settings),
  name: group.name,
  path: group.path,
  description: group.description,
  visibility: group.visibility,
  share_with_group_lock: false,
  require_two_factor_authentication: false,
  two_factor_grace_period: 48,
  project_creation_level: group.project_creation_level,
  auto_devops_enabled: null,
  subgroup_creation_level: group.subgroup_creation_level,
  emails_disabled: false,
  emails_enabled: true,
  mentions_disabled: null,
  lfs_enabled: false,
  archived: group.archived === 1,
  default_branch: null,
  default_branch_protection: preset,
  default_branch_protection_defaults: protectionShape(preset),
  avatar_url: null,
  request_access_enabled: false,
  full_name: name,
  full_path: group.full_path,
  created_at: group.created_at,
  parent_id: group.parent_id,
  organization_id: 1,
  shared_runners_setting: 'enabled',
  marked_for_deletion_on: null,
})

/** Groups with their whole names, read for all of them together (gitlab `API::Entities::Group`). */
export const shapeGroups = async (call: Call, groups: readonly Namespace[]): Promise<ReturnType<typeof shape>[]> => {
  const { read } = call.parts.store
  const above = await namespacesAbove(read, groups)
  const { default_branch_protection } = await readApplicationSettings(read)
  return groups.map((group) =>
    shape(call, group, fullName(group.lineage, above), group.default_branch_protection ?? default_branch_protection),
  )
}

export const shapeGroup = async (call: Call, group: Namespace): Promise<object> => {
  const [shaped] = await shapeGroups(call, [group])
  return { ...shaped, runners_token: null, shared_with_groups: [], shared_projects: [] }
}
