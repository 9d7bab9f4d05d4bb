import type { CredentialKind } from '../../core/credential.ts'
import type { AccessTokenId } from '../../core/ids.ts'
import type { User } from '../../core/principal.ts'
import type { Account } from '../../store/users.ts'
import { forbidden, unauthorized } from './errors.ts'

export interface SignedIn {
  readonly kind: 'user'
  /** The user as access rules see it. */
  readonly user: User
  /** The same user's row. */
  readonly account: Account
  readonly tokenId: AccessTokenId
  readonly tokenKind: CredentialKind
  readonly scopes: readonly string[]
  readonly isAdmin: boolean
  /** The administrator who acts as this user (`Sudo` header). */
  readonly actingFor: User | undefined
}

/** Who calls the API. */
export type Caller = SignedIn | { readonly kind: 'anonymous' }

/** Throws 401 for anonymous callers. */
export const requireUser = (caller: Caller): SignedIn => {
  if (caller.kind === 'anonymous') throw unauthorized()
  return caller
}

/** Throws 401 for anonymous callers, 403 for those who are no administrators. */
export const requireAdmin = (caller: Caller): SignedIn => {
  const user = requireUser(caller)
  if (!user.isAdmin) throw forbidden()
  return user
}

export const isAdministrator = (caller: Caller): boolean => caller.kind === 'user' && caller.isAdmin
