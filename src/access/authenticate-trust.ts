import type { Authenticated, CredentialRef } from '../core/credential.ts'
import type { Trusted } from '../core/principal.ts'
import type { ProjectFacts } from '../core/project.ts'
import type { AuthenticationReason, Refusal } from '../core/refusal.ts'
import { abilitiesForScopes } from '../core/scope.ts'
import { refuseAuthentication } from './refuse.ts'
import { tokenReaches } from './rules/visibility.ts'

/** What a trust granted for one outside token. */
export interface StoredTrustGrant {
  readonly principal: Trusted
  readonly scopes: readonly string[]
  /** Milliseconds. */
  readonly expiresAt: number
  /** The trust is switched on, and whoever answers for it may still give as much. */
  readonly isBacked: boolean
}

/** Where the project stands that is asked for; undefined where there is none. */
type LocatePlace = () => Promise<Pick<ProjectFacts, 'id' | 'namespaces'> | undefined>

const trustReason = async (
  grant: StoredTrustGrant,
  locate: LocatePlace,
  now: number,
): Promise<AuthenticationReason | undefined> => {
  if (grant.expiresAt <= now) return 'token_expired'
  if (!grant.isBacked) return 'trust_withdrawn'
  const project = await locate()
  return project === undefined || tokenReaches(grant.principal.home, project) ? undefined : 'out_of_reach'
}

/** Whom a trust let in, or why not any more; what it gave is good in its own place alone. */
export const byTrust = async (
  grant: StoredTrustGrant,
  kind: 'trust-token' | 'trust-certificate',
  locate: LocatePlace,
  now: number,
): Promise<Authenticated | Refusal> => {
  const { principal, scopes, expiresAt } = grant
  const credential: CredentialRef = { kind, id: principal.id }
  const reason = await trustReason(grant, locate, now)
  if (reason !== undefined) return refuseAuthentication(reason, credential)
  return { principal, credential, abilities: abilitiesForScopes(scopes), scopes, endsAt: expiresAt }
}
