import type { CredentialRef } from '../../core/credential.ts'
import type { AccessTokenId } from '../../core/ids.ts'
import type { JobHome, User } from '../../core/principal.ts'
import type { JobRow } from '../../store/ci/jobs.ts'
import type { Account } from '../../store/users.ts'
import { forbidden, unauthorized } from './errors.ts'

export interface SignedIn {
  readonly kind: 'user'
  /** The user as access rules see it. */
  readonly user: User
  /** The same user's row. */
  readonly account: Account
  readonly credential: CredentialRef
  /** Undefined for a token of OAuth. */
  readonly tokenId: AccessTokenId | undefined
  readonly scopes: readonly string[]
  /** Milliseconds: when the token ends by itself; undefined: never. */
  readonly endsAt: number | undefined
  readonly isAdmin: boolean
  /** The administrator who acts as this user (`Sudo` header). */
  readonly actingFor: User | undefined
}

/** A job that runs, by its token. Only routes that say so (`jobToken`) are called by one. */
export interface JobCaller {
  readonly kind: 'job'
  readonly job: JobRow
  readonly home: JobHome
  /** Whose rights the job has, as access rules see it: no administrator. */
  readonly user: User
  /** The same user's row. */
  readonly account: Account
}

/** Who calls the API. */
export type Caller = SignedIn | JobCaller | { readonly kind: 'anonymous' }

/** Throws 401 for anonymous callers, and for jobs. */
export const requireUser = (caller: Caller): SignedIn => {
  if (caller.kind !== 'user') throw unauthorized()
  return caller
}

/** Throws 401 for all but jobs. */
export const requireJob = (caller: Caller): JobCaller => {
  if (caller.kind !== 'job') throw unauthorized()
  return caller
}

/** The user with whose rights something is asked; undefined for nobody in particular. */
export const userOf = (caller: Caller): User | undefined => (caller.kind === 'anonymous' ? undefined : caller.user)

/** Throws 401 for anonymous callers, 403 for those who are no administrators. */
export const requireAdmin = (caller: Caller): SignedIn => {
  const user = requireUser(caller)
  if (!user.isAdmin) throw forbidden()
  return user
}

export const isAdministrator = (caller: Caller): boolean => caller.kind === 'user' && caller.isAdmin
