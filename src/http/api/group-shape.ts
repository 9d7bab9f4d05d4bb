import type { DefaultProtection } from '../../core/project.ts'
import { instanceProtection, ownProtection } from '../../store/default-protection.ts'
import type { Namespace } from '../../store/namespaces.ts'
import { readApplicationSettings } from '../../store/settings.ts'
import type { Call } from './call.ts'
import { protectionShape } from './default-protection.ts'
import { fullName, namespacesAbove, namespaceUrl } from './namespace-shape.ts'

const shape = (call: Call, group: Namespace, name: string, protection: DefaultProtection) => ({
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
  ...protectionShape(protection),
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
  const usual = instanceProtection(await readApplicationSettings(read))
  return groups.map((group) => shape(call, group, fullName(group.lineage, above), ownProtection(group) ?? usual))
}

export const shapeGroup = async (call: Call, group: Namespace): Promise<object> => {
  const [shaped] = await shapeGroups(call, [group])
  return { ...shaped, runners_token: null, shared_with_groups: [], shared_projects: [] }
}
