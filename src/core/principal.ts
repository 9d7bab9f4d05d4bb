import type { AccessLevel } from './access-level.ts'
import type { DeployTokenId, JobId, KeyId, NamespaceId, ProjectId, TrustGrantId, TrustId, UserId } from './ids.ts'

export const userStates = ['active', 'blocked', 'blocked_pending_approval', 'deactivated', 'banned'] as const
export type UserState = (typeof userStates)[number]

/** `project_bot` is the user behind a project or group access token; `ghost` keeps the work of those who are gone. */
export type UserKind = 'human' | 'project_bot' | 'service_account' | 'ghost'

export interface User {
  readonly id: UserId
  readonly username: string
  readonly state: UserState
  readonly kind: UserKind
  readonly isAdmin: boolean
  /** An external user sees only projects and groups of which it is a member, and public ones. */
  readonly isExternal: boolean
  readonly isConfirmed: boolean
  readonly passwordExpired: boolean
}

/** Where a deploy token, or what a trust granted, reaches: one project, or a group and everything below it. */
export type DeployTokenHome =
  | { readonly kind: 'project'; readonly id: ProjectId }
  | { readonly kind: 'group'; readonly id: NamespaceId }

/** The project in which a job runs. */
export interface JobHome {
  readonly id: ProjectId
  readonly fullPath: string
  /** Namespace ids from the root down to the project's own. */
  readonly namespaces: readonly NamespaceId[]
}

/** Who asks. A principal is made by `access/authenticate.ts` alone, from a credential that was checked. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'deploy-token'; readonly id: DeployTokenId; readonly username: string; readonly home: DeployTokenHome }
  | {
      readonly kind: 'deploy-key'
      readonly id: KeyId
      readonly title: string
      /** The user who added the key: pushes are judged as this user. Absent once the creator was deleted. */
      readonly creator: User | undefined
    }
  | {
      readonly kind: 'job'
      readonly id: JobId
      readonly home: JobHome
      /** Whose rights the job has, and never more than those of a member. Absent once the user was deleted. */
      readonly user: User | undefined
    }
  | Trusted

/** Somebody from outside, let in for minutes by the trust of a project or group in who vouches for it. No user stands behind. */
export interface Trusted {
  readonly kind: 'trusted'
  /** Of what was granted for one outside token. */
  readonly id: TrustGrantId
  readonly trust: TrustId
  /** Who vouches, and for whom. */
  readonly issuer: string
  readonly subject: string
  readonly home: DeployTokenHome
  readonly role: AccessLevel
  /** Patterns of the full names of refs that may be pushed. */
  readonly refs: readonly string[]
}

/** A job's user has no power from being an administrator (gitlab `BuildAccess`). */
export const asJobUser = (user: User): User => ({ ...user, isAdmin: false })

/** The user as whom a principal is judged; undefined where nobody stands behind it. */
export const userBehind = (principal: Principal): User | undefined => {
  if (principal.kind === 'deploy-key') return principal.creator
  return principal.kind === 'user' || principal.kind === 'job' ? principal.user : undefined
}

export const isBot = (user: User): boolean => user.kind === 'project_bot' || user.kind === 'service_account'
