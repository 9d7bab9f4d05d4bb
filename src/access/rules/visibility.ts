import { accessLevels } from '../../core/access-level.ts'
import type { Principal, User } from '../../core/principal.ts'
import type { ProjectFacts, Role } from '../../core/project.ts'

interface Seen {
  readonly visibility: ProjectFacts['visibility']
}

/** A user sees a project that is public, internal (unless external), or in which it has any role; administrators see all. */
export const userSees = (user: User, role: Role, project: Seen): boolean =>
  user.isAdmin ||
  role >= accessLevels.guest ||
  project.visibility === 'public' ||
  (project.visibility === 'internal' && !user.isExternal)

/** Whether code of the project is open to everyone who sees it, without membership. */
export const codeIsOpen = (project: Pick<ProjectFacts, 'repositoryAccess'>): boolean => project.repositoryAccess === 'enabled'

/**
 * `download_code` of a user. A private project asks for a Reporter; elsewhere every member may, also where the repository
 * is for members only (gitlab `project_feature.rb`), and everyone who sees the project where it is not. Nobody while the
 * repository is switched off.
 */
export const userDownloads = (
  user: User,
  role: Role,
  project: Pick<ProjectFacts, 'visibility' | 'repositoryAccess'>,
): boolean => {
  if (project.repositoryAccess === 'disabled') return false
  const least = project.visibility === 'private' ? accessLevels.reporter : accessLevels.guest
  if (user.isAdmin || role >= least) return true
  if (!codeIsOpen(project)) return false
  return project.visibility === 'public' || (project.visibility === 'internal' && !user.isExternal)
}

/** `push_code` of a user: Developer and above, and administrators. */
export const userPushes = (user: User, role: Role, project: ProjectFacts): boolean =>
  project.repositoryAccess !== 'disabled' && (user.isAdmin || role >= accessLevels.developer)

export const anyoneDownloads = (project: ProjectFacts): boolean => project.visibility === 'public' && codeIsOpen(project)

/** A deploy token reaches its own project, or every project below its group. */
export const tokenReaches = (
  home: Extract<Principal, { kind: 'deploy-token' }>['home'],
  project: Pick<ProjectFacts, 'id' | 'namespaces'>,
): boolean => (home.kind === 'project' ? home.id === project.id : project.namespaces.includes(home.id))
