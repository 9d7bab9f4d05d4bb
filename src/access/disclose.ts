import type { Principal } from '../core/principal.ts'
import type { AuthenticationReason, RefReason, Refusal, RefusalReason } from '../core/refusal.ts'
import { isRefReason } from './refuse.ts'

/**
 * What the caller may know of a refusal, coarser on purpose than its reason: a stranger cannot tell "does not exist"
 * from "not for you". Each door words every kind in one total table.
 */
export type Disclosure =
  | { readonly kind: 'challenge' }
  /** The same words, but no offer to try again: no password would do. */
  | { readonly kind: 'unchallenged' }
  | { readonly kind: 'hidden'; readonly message: string }
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'unprocessable'; readonly message: string }
  | { readonly kind: 'busy'; readonly message: string }
  | { readonly kind: 'banned'; readonly message: string }
  | { readonly kind: 'declined'; readonly message: string; readonly reason: RefReason }

const authenticationReasons: Record<AuthenticationReason, true> = {
  credential_missing: true,
  credential_unknown: true,
  token_expired: true,
  token_revoked: true,
  impersonation_disabled: true,
  no_known_scope: true,
  username_mismatch: true,
  out_of_reach: true,
  repository_disabled: true,
  user_cannot_log_in: true,
  password_wrong: true,
  password_expired: true,
  password_checks_busy: true,
  password_disabled: true,
  two_factor_required: true,
  address_banned: true,
  job_not_running: true,
  jobs_disabled: true,
  trust_withdrawn: true,
}

export const isAuthenticationReason = (reason: RefusalReason): reason is AuthenticationReason =>
  Object.hasOwn(authenticationReasons, reason)

const hiddenReasons = new Set<RefusalReason>(['project_absent', 'project_invisible', 'namespace_unparsable', 'repository_absent'])

/** The one place that hides existence. `principal` is undefined where nobody was recognised. */
export const disclose = (refusal: Refusal, principal: Principal | undefined): Disclosure => {
  const { reason, message } = refusal
  if (reason === 'password_checks_busy')
    return { kind: 'busy', message: 'Too many password checks at once. Try again in a few seconds.' }
  if (reason === 'address_banned') return { kind: 'banned', message }
  if (reason === 'password_disabled') return { kind: 'unchallenged' }
  if (principal?.kind === 'anonymous' || isAuthenticationReason(reason)) return { kind: 'challenge' }
  if (isRefReason(reason)) return { kind: 'declined', message, reason }
  if (hiddenReasons.has(reason)) return { kind: 'hidden', message }
  if (reason === 'project_not_creatable') return { kind: 'unprocessable', message }
  return { kind: 'forbidden', message }
}
