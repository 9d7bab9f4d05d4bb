import type { User } from '../../core/principal.ts'
import type { AccessReason } from '../../core/refusal.ts'

/** GitLab's precedence of account states (gitlab `lib/gitlab/auth/user_access_denied_reason.rb`). */
const order: readonly { readonly reason: AccessReason; readonly holds: (user: User) => boolean }[] = [
  { reason: 'user_internal', holds: (user) => user.kind === 'ghost' },
  { reason: 'user_pending_approval', holds: (user) => user.state === 'blocked_pending_approval' },
  { reason: 'user_deactivated', holds: (user) => user.state === 'deactivated' },
  { reason: 'user_unconfirmed', holds: (user) => !user.isConfirmed },
  { reason: 'user_blocked', holds: (user) => user.state === 'blocked' || user.state === 'banned' },
  { reason: 'user_password_expired', holds: (user) => user.passwordExpired },
]

/** Why a user may do nothing at all, or undefined for an active one. Git and the API use the same sentences. */
export const inactiveReason = (user: User): AccessReason | undefined => order.find((entry) => entry.holds(user))?.reason

/** Whether a password, token or key of this user is accepted as a login at all; the deactivated are told later. */
export const canLogIn = (user: User): boolean =>
  user.kind !== 'ghost' && (user.state === 'active' || user.state === 'deactivated')
