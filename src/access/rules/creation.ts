import { accessLevels } from '../../core/access-level.ts'
import type { User, UserKind } from '../../core/principal.ts'
import type { Role } from '../../core/project.ts'

/** Who may make projects in a group (GitLab `project_creation_level`); owners' levels of a user namespace do not apply. */
export type ProjectCreationLevel = 'noone' | 'owner' | 'maintainer' | 'developer' | 'administrator'

export type CreationPlace =
  | { readonly kind: 'user'; readonly ownerId: number | undefined }
  | { readonly kind: 'group'; readonly level: ProjectCreationLevel }

const leastRole: Record<ProjectCreationLevel, number> = {
  noone: Number.POSITIVE_INFINITY,
  administrator: Number.POSITIVE_INFINITY,
  owner: accessLevels.owner,
  maintainer: accessLevels.maintainer,
  developer: accessLevels.developer,
}

const makers = new Set<UserKind>(['human', 'service_account', 'project_bot'])

/** Whether a user may make a project in a namespace: its own, a group's by role, anywhere for administrators. */
export const createsProjects = (user: User, role: Role, place: CreationPlace): boolean => {
  if (!makers.has(user.kind)) return false
  if (user.isAdmin) return place.kind === 'user' || place.level !== 'noone'
  return place.kind === 'user' ? place.ownerId === user.id : role >= leastRole[place.level]
}
