import { accessLevels } from '../../core/access-level.ts'
import type { Principal, Trusted, User } from '../../core/principal.ts'
import type { ProjectFacts, Role } from '../../core/project.ts'
import { PatternIndex } from './patterns.ts'
import { inactiveReason } from './user-state.ts'
import { tokenReaches } from './visibility.ts'

/** Roles that a trust can give: one that could read nothing is no use, and one above Maintainer is nobody's to give away. */
export const trustLevels = [accessLevels.reporter, accessLevels.developer, accessLevels.maintainer] as const
export type TrustLevel = (typeof trustLevels)[number]

export const isTrustLevel = (level: number): level is TrustLevel => (trustLevels as readonly number[]).includes(level)

/**
 * Whether a user may make a trust that gives this role, and what was given by it still holds: both are asked alike, so
 * that no trust outlives the rights of who answers for it.
 * @param role the user's own, where the trust stands
 */
export const answersFor = (user: User | undefined, role: Role, level: TrustLevel): boolean => {
  if (user === undefined || inactiveReason(user) !== undefined) return false
  return user.isAdmin || role >= Math.max(level, accessLevels.maintainer)
}

/** The role in a project; 0 outside the place for which it was given. */
export const roleOfTrusted = (trusted: Trusted, project: Pick<ProjectFacts, 'id' | 'namespaces'>): Role =>
  tokenReaches(trusted.home, project) ? trusted.role : accessLevels.noAccess

export const trustedDownloads = (role: Role, { repositoryAccess }: Pick<ProjectFacts, 'repositoryAccess'>): boolean =>
  repositoryAccess !== 'disabled' && role >= accessLevels.reporter

export const trustedPushes = (role: Role, { repositoryAccess }: Pick<ProjectFacts, 'repositoryAccess'>): boolean =>
  repositoryAccess !== 'disabled' && role >= accessLevels.developer

/** Whether the principal may push a ref at all, whatever protects it: all but the trusted may push any. */
export const refsOf = (principal: Principal): ((ref: string) => boolean | 'too-much') => {
  if (principal.kind !== 'trusted') return () => true
  const index = new PatternIndex(principal.refs.map((pattern) => [pattern, true] as const))
  return (ref) => {
    const matching = index.matching(ref)
    return matching === 'too-much' ? matching : matching.length > 0
  }
}
