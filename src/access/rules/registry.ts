import { accessLevels } from '../../core/access-level.ts'
import type { Authenticated } from '../../core/credential.ts'
import type { Principal, User } from '../../core/principal.ts'
import type { ProjectFacts, Role } from '../../core/project.ts'
import type { Ability } from '../../core/scope.ts'
import type { FeatureLevel } from '../../core/visibility.ts'
import { roleOfTrusted } from './trusted.ts'
import { tokenReaches } from './visibility.ts'

/** A project as the rules for its images see it. */
export interface ImageProject extends Pick<ProjectFacts, 'id' | 'visibility' | 'archived' | 'namespaces'> {
  /** The project's own registry, narrower than its visibility. */
  readonly imageAccess: FeatureLevel
}

/** Every fact that a question about images may need. */
export interface ImageFacts {
  readonly project: ImageProject
  /** Of the user who asks, or whose job does; 0 for anyone else. */
  readonly role: Role
  /** For a job: whether the project lets it in from where it runs. */
  readonly job: { readonly listed: boolean }
}

type Job = Extract<Principal, { kind: 'job' }>

const has = ({ abilities }: Authenticated, ability: Ability): boolean => abilities.has(ability)

/** For everyone who sees the project. */
const isOpen = ({ visibility, imageAccess }: ImageProject, user: User | undefined): boolean => {
  if (imageAccess !== 'enabled') return false
  return visibility === 'public' || (visibility === 'internal' && user !== undefined && !user.isExternal)
}

/** `read_container_image` of a user: Reporters and above, and everyone where the images are open. */
const userReads = (user: User, { project, role }: ImageFacts): boolean =>
  user.isAdmin || role >= accessLevels.reporter || isOpen(project, user)

/** A job whose user was deleted ends with him here, as over git. */
const isHome = ({ home, user }: Job, { project }: ImageFacts): boolean => user !== undefined && home.id === project.id

/** Of other projects, a job reads as its user where it is let in, and what is open to all elsewhere. */
const jobReads = (job: Job, facts: ImageFacts): boolean => {
  if (isHome(job, facts)) return true
  const { user } = job
  return user !== undefined && facts.job.listed ? userReads(user, facts) : isOpen(facts.project, user)
}

const pulls = (who: Authenticated, facts: ImageFacts): boolean => {
  const { principal } = who
  if (principal.kind === 'anonymous') return isOpen(facts.project, undefined)
  if (!has(who, 'read_container_image')) return false
  switch (principal.kind) {
    case 'user':
      return userReads(principal.user, facts)
    case 'deploy-token':
      return tokenReaches(principal.home, facts.project) || isOpen(facts.project, undefined)
    case 'job':
      return jobReads(principal, facts)
    case 'trusted':
      return roleOfTrusted(principal, facts.project) >= accessLevels.reporter
    case 'deploy-key':
      return false
  }
}

const hasRole = ({ user }: { readonly user: User }, role: Role, least: Role): boolean => user.isAdmin || role >= least

/** A job writes to its own project alone, whatever the role of its user. */
const pushes = (who: Authenticated, facts: ImageFacts): boolean => {
  const { principal } = who
  if (facts.project.archived || !has(who, 'create_container_image')) return false
  switch (principal.kind) {
    case 'user':
      return hasRole(principal, facts.role, accessLevels.developer)
    case 'deploy-token':
      return tokenReaches(principal.home, facts.project)
    case 'job':
      return isHome(principal, facts)
    case 'trusted':
      return roleOfTrusted(principal, facts.project) >= accessLevels.developer
    case 'anonymous':
    case 'deploy-key':
      return false
  }
}

/** `admin_container_image`: Maintainers, by a credential that carries everything. */
const administers = (who: Authenticated, facts: ImageFacts): boolean => {
  const { principal } = who
  if (facts.project.archived || !has(who, 'admin_container_image')) return false
  return principal.kind === 'user' && hasRole(principal, facts.role, accessLevels.maintainer)
}

const deletes = (who: Authenticated, facts: ImageFacts): boolean => {
  const { principal } = who
  if (principal.kind !== 'job') return administers(who, facts)
  return !facts.project.archived && has(who, 'create_container_image') && isHome(principal, facts)
}

const actions: Readonly<Record<string, (who: Authenticated, facts: ImageFacts) => boolean>> = {
  pull: pulls,
  push: pushes,
  delete: deletes,
  '*': administers,
}

/**
 * Whether one action on the images of a project is allowed; what is no action is not (gitlab
 * `Auth::ContainerRegistryAuthenticationService`, `can_access?`). Each action is asked alone.
 */
export const allowsImageAction = (who: Authenticated, action: string, facts: ImageFacts): boolean => {
  const rule = Object.hasOwn(actions, action) ? actions[action] : undefined
  return rule !== undefined && facts.project.imageAccess !== 'disabled' && rule(who, facts)
}

/** The list of all repositories is for administrators of the instance, in person. */
export const seesCatalog = ({ principal }: Authenticated): boolean => principal.kind === 'user' && principal.user.isAdmin

/** Whether a credential is of any use for a registry; whoever shows none may look at what is public. */
export const carriesImages = (who: Authenticated): boolean =>
  who.principal.kind === 'anonymous' ||
  has(who, 'read_container_image') ||
  has(who, 'create_container_image') ||
  has(who, 'admin_container_image')
