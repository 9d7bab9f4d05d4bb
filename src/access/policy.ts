import { type AccessLevel, accessLevels } from '../core/access-level.ts'
import type { User } from '../core/principal.ts'
import type { Role } from '../core/project.ts'
import { fitsInside, type Visibility } from '../core/visibility.ts'
import { type CreationPlace, createsProjects } from './rules/creation.ts'
import { userSees } from './rules/visibility.ts'

/** Who asks the API about a project or group: the user, undefined for nobody, and the highest role there. */
export interface Standing {
  readonly user: User | undefined
  readonly role: Role
}

const { noAccess, guest, reporter, developer, maintainer, owner } = accessLevels

/** What the API lets be done to a project, and the least role for it (GitLab docs, "Roles and permissions"). */
const projectAbilities = {
  read_project: noAccess,
  read_members: noAccess,
  /** Of what others did too, where the project is administered. */
  read_audit_events: developer,
  /** Where jobs are not shown to everyone who sees the project. */
  read_jobs: reporter,
  run_pipelines: developer,
  /** Jobs of others, and what was given to pipelines of others. */
  admin_pipelines: maintainer,
  remove_pipelines: owner,
  admin_project: maintainer,
  manage_members: maintainer,
  admin_protected_branches: maintainer,
  manage_deploy_keys: maintainer,
  manage_deploy_tokens: maintainer,
  manage_access_tokens: maintainer,
  manage_triggers: maintainer,
  manage_trusts: maintainer,
  manage_runners: maintainer,
  manage_variables: maintainer,
  change_visibility: owner,
  archive_project: owner,
  transfer_project: owner,
  remove_project: owner,
} as const satisfies Record<string, AccessLevel>

export type ProjectAbility = keyof typeof projectAbilities

const groupAbilities = {
  read_group: noAccess,
  read_members: guest,
  /** Of what others did too, where the group is administered. */
  read_audit_events: developer,
  read_deploy_tokens: maintainer,
  manage_deploy_tokens: owner,
  manage_access_tokens: owner,
  manage_service_accounts: owner,
  manage_trusts: maintainer,
  read_runners: maintainer,
  manage_runners: owner,
  manage_variables: owner,
  admin_group: owner,
  manage_members: owner,
  remove_group: owner,
} as const satisfies Record<string, AccessLevel>

export type GroupAbility = keyof typeof groupAbilities

interface Seen {
  readonly visibility: Visibility
}

/** Whether the project or group may be known of. Nobody in particular sees what is public. */
const sees = ({ user, role }: Standing, { visibility }: Seen): boolean =>
  user === undefined ? visibility === 'public' : userSees(user, role, { visibility })

const holds = ({ user, role }: Standing, least: AccessLevel): boolean => user?.isAdmin === true || role >= least

/** Administrators may do everything that some role may; nobody may touch what it does not see. */
export const mayOnProject = (ability: ProjectAbility, standing: Standing, project: Seen): boolean =>
  sees(standing, project) && holds(standing, projectAbilities[ability])

/**
 * A group's members are shown to everyone who sees the group.
 * @param memberBelow the user is a member of something below the group, and so may see where that stands
 */
export const mayOnGroup = (ability: GroupAbility, standing: Standing, group: Seen, memberBelow: boolean): boolean => {
  const visible = sees(standing, group)
  if (ability === 'read_group') return visible || memberBelow
  if (ability === 'read_members') return visible
  return visible && holds(standing, groupAbilities[ability])
}

/** External users and those whose right was taken away make no groups on top. */
export const mayCreateTopGroup = (user: User, canCreateGroup: boolean): boolean =>
  user.isAdmin || (canCreateGroup && !user.isExternal)

/** By the group's own setting: Owners, or Maintainers too (the standard). */
export const mayCreateSubgroup = (standing: Standing, level: 'owner' | 'maintainer'): boolean =>
  holds(standing, level === 'owner' ? owner : maintainer)

/** Into a group a project is moved by its Maintainers, who must also be let make projects there (gitlab `group_policy.rb`). */
export const mayTransferInto = (user: User, role: Role, place: CreationPlace): boolean =>
  createsProjects(user, role, place) && (place.kind === 'user' || user.isAdmin || role >= maintainer)

/** Nobody gives, changes or takes away a role above the own one; administrators count as Owners. */
export const mayHandleLevel = ({ user, role }: Standing, level: AccessLevel): boolean => user?.isAdmin === true || level <= role

/** Why a project of this visibility cannot stand in a group (GitLab's validation of `visibility_level`). */
export const projectVisibilityProblem = (own: Visibility, group: Visibility): string | undefined =>
  fitsInside(own, group) ? undefined : `${own} is not allowed in a ${group} group.`

/** The same for a group in a group. */
export const groupVisibilityProblem = (own: Visibility, parent: Visibility): string | undefined =>
  fitsInside(own, parent) ? undefined : `${own} is not allowed since the parent group has a ${parent} visibility.`

/** Why this user may make nothing of this visibility, whatever stands around it; administrators may (gitlab `VisibilityLevel`). */
export const restrictedProblem = (user: User, asked: Visibility, restricted: readonly Visibility[]): string | undefined =>
  !user.isAdmin && restricted.includes(asked) ? `${asked} has been restricted by your GitLab administrator` : undefined

/** What GitLab tells one whose own namespace may hold no more projects (gitlab `Projects::CreateService`). */
export const projectsLimitText = (limit: number): string =>
  limit === 0
    ? 'You cannot create projects in your personal namespace. Contact your GitLab administrator.'
    : `You've reached your limit of ${limit} projects created. Contact your GitLab administrator.`
