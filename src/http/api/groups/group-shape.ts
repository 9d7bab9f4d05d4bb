import { z } from 'zod'
import type { DefaultProtection } from '../../../core/project.ts'
import { visibilities } from '../../../core/visibility.ts'
import { instanceProtection, ownProtection } from '../../../store/default-protection.ts'
import type { Namespace } from '../../../store/namespaces.ts'
import { readApplicationSettings } from '../../../store/settings.ts'
import type { Call } from '../call.ts'
import { link, maybeDay, maybeNumber, maybeWords, momentWords, wholeNumber, words, yesNo } from '../entity-words.ts'
import { protectionEntity, protectionShape } from './default-protection.ts'
import { fullName, namespacesAbove, namespaceUrl } from './namespace-shape.ts'

/** gitlab `API::Entities::Group`. */
export const groupEntity = z
  .object({
    id: wholeNumber,
    web_url: link,
    name: words,
    path: words,
    description: maybeWords,
    visibility: z.enum(visibilities),
    share_with_group_lock: yesNo,
    require_two_factor_authentication: yesNo,
    two_factor_grace_period: wholeNumber,
    project_creation_level: words,
    auto_devops_enabled: yesNo.nullable(),
    subgroup_creation_level: words,
    emails_disabled: yesNo,
    emails_enabled: yesNo,
    mentions_disabled: yesNo.nullable(),
    lfs_enabled: yesNo,
    archived: yesNo,
    default_branch: maybeWords,
    ...protectionEntity,
    avatar_url: maybeWords,
    request_access_enabled: yesNo,
    full_name: words,
    full_path: words,
    created_at: momentWords,
    parent_id: maybeNumber,
    organization_id: wholeNumber,
    shared_runners_setting: words,
    marked_for_deletion_on: maybeDay,
  })
  .meta({ id: 'Group' })

/** gitlab `API::Entities::GroupDetail`. */
export const groupDetailEntity = groupEntity
  .extend({
    runners_token: maybeWords,
    shared_with_groups: z.array(z.looseObject({})),
    shared_projects: z.array(z.looseObject({})),
  })
  .meta({ id: 'GroupDetail' })

type GroupShape = z.output<typeof groupEntity>

const shape = (call: Call, group: Namespace, name: string, protection: DefaultProtection): GroupShape => ({
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

/** Groups with their whole names, read for all of them together. */
export const shapeGroups = async (call: Call, groups: readonly Namespace[]): Promise<GroupShape[]> => {
  const { read } = call.parts.store
  const above = await namespacesAbove(read, groups)
  const usual = instanceProtection(await readApplicationSettings(read))
  return groups.map((group) => shape(call, group, fullName(group.lineage, above), ownProtection(group) ?? usual))
}

export const shapeGroup = async (call: Call, group: Namespace): Promise<object> => {
  const [shaped] = await shapeGroups(call, [group])
  return { ...shaped, runners_token: null, shared_with_groups: [], shared_projects: [] }
}
