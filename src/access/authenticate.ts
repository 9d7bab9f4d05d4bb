import { type Day, dayHasCome } from '../core/clock.ts'
import type { Authenticated, CredentialRef, Presented, SignedCertificate } from '../core/credential.ts'
import type { AccessTokenId, DeployTokenId, JobId, KeyId, OauthTokenId, ProjectId } from '../core/ids.ts'
import { asJobUser, type DeployTokenHome, isBot, type JobHome, type User } from '../core/principal.ts'
import type { ProjectFacts, Role } from '../core/project.ts'
import type { AuthenticationReason, Refusal } from '../core/refusal.ts'
import {
  abilitiesForScopes,
  fullAbilities,
  isDeployTokenScope,
  isOfferedOauthScope,
  isOfferedScope,
  readOnlyAbilities,
  readWriteAbilities,
} from '../core/scope.ts'
import type { Secret } from '../core/secret.ts'
import { byTrust, type StoredTrustGrant } from './authenticate-trust.ts'
import { refuseAccess, refuseAuthentication } from './refuse.ts'
import { canLogIn } from './rules/user-state.ts'
import { tokenReaches, userSees } from './rules/visibility.ts'

export interface StoredAccessToken {
  readonly id: AccessTokenId
  readonly kind:
    | 'personal-access-token'
    | 'impersonation-token'
    | 'project-access-token'
    | 'group-access-token'
    | 'service-account-token'
  readonly user: User
  readonly scopes: readonly string[]
  readonly expiresOn: Day | undefined
  readonly revoked: boolean
}

export interface StoredOauthToken {
  readonly id: OauthTokenId
  /** Absent where an application asked in nobody's name. */
  readonly user: User | undefined
  readonly scopes: readonly string[]
  readonly expiresAt: number
  readonly revoked: boolean
}

export interface StoredDeployToken {
  readonly id: DeployTokenId
  readonly username: string
  readonly scopes: readonly string[]
  readonly home: DeployTokenHome
  /** Milliseconds; a deploy token ends at a moment, not on a day. */
  readonly expiresAt: number | undefined
  readonly revoked: boolean
}

export interface StoredKey {
  readonly id: KeyId
  readonly kind: 'user' | 'deploy'
  readonly title: string
  /** The user whose key it is, or who added the deploy key; absent once that user was deleted. */
  readonly user: User | undefined
  readonly usage: 'auth_and_signing' | 'auth' | 'signing'
  readonly expiresAt: number | undefined
}

export interface StoredJobToken {
  readonly id: JobId
  readonly home: JobHome
  /** Whose rights the job has; absent once that user was deleted. */
  readonly user: User | undefined
  /** The job runs, and its time has not passed. */
  readonly isRunning: boolean
  /** The job's project has jobs at all. */
  readonly jobsEnabled: boolean
}

/** The project that is asked for; undefined where there is none. */
export type Locate = () => Promise<TargetProject | undefined>

export type TargetProject = Pick<ProjectFacts, 'id' | 'namespaces' | 'visibility' | 'repositoryAccess'>

/** Whose password it is, and what keeps it from being enough. */
export type PasswordOwner = { readonly user: User; readonly expired: boolean; readonly twoFactor: boolean }

/** What the store must answer. Secrets are looked up by digest only. Absence is `undefined`; failure is thrown. */
export interface CredentialLookups {
  accessToken(secret: Secret): Promise<StoredAccessToken | undefined>
  oauthToken(secret: Secret): Promise<StoredOauthToken | undefined>
  deployToken(secret: Secret): Promise<StoredDeployToken | undefined>
  jobToken(secret: Secret): Promise<StoredJobToken | undefined>
  /** Finds by username or e-mail, whatever the case, and compares the password; `disabled` where the instance takes none. */
  passwordOwner(login: string, password: Secret): Promise<PasswordOwner | 'wrong' | 'busy' | 'disabled'>
  key(fingerprint: string): Promise<StoredKey | undefined>
  trustToken(secret: Secret): Promise<StoredTrustGrant | undefined>
  trustCertificate(certificate: SignedCertificate): Promise<StoredTrustGrant | undefined>
  role(user: User, project: ProjectId): Promise<Role>
  looksLikeToken(secret: Secret): boolean
}

export interface AuthenticationRules {
  readonly impersonationEnabled: boolean
  readonly registryEnabled: boolean
  readonly now: number
}

interface Attempt {
  readonly login: string
  readonly secret: Secret
  readonly locate: Locate
  readonly look: CredentialLookups
  readonly rules: AuthenticationRules
}

/** A hit ends the search; a refusal is remembered while later kinds are tried; `undefined` is "not of this kind". */
type Answer = Authenticated | Refusal | undefined

const tokenReason = (token: StoredAccessToken, rules: AuthenticationRules): AuthenticationReason | undefined => {
  if (token.expiresOn !== undefined && dayHasCome(token.expiresOn, rules.now)) return 'token_expired'
  if (token.revoked) return 'token_revoked'
  if (!token.scopes.some((scope) => isOfferedScope(scope, rules))) return 'no_known_scope'
  if (token.kind === 'impersonation-token' && !rules.impersonationEnabled) return 'impersonation_disabled'
  if (!canLogIn(token.user)) return 'user_cannot_log_in'
  return token.user.passwordExpired ? 'password_expired' : undefined
}

/** A bot is let in only where it can read the project; a project that does not exist is asked about later (404). */
const botReaches = async (user: User, { locate, look }: Attempt): Promise<boolean> => {
  const project = isBot(user) ? await locate() : undefined
  return project === undefined || userSees(user, await look.role(user, project.id), project)
}

const tryAccessToken = async (attempt: Attempt): Promise<Answer> => {
  const token = await attempt.look.accessToken(attempt.secret)
  if (token === undefined) return undefined
  const credential: CredentialRef = { kind: token.kind, id: token.id }
  const reason = tokenReason(token, attempt.rules)
  if (reason !== undefined) return refuseAuthentication(reason, credential)
  if (!(await botReaches(token.user, attempt))) return refuseAuthentication('out_of_reach', credential)
  return {
    principal: { kind: 'user', user: token.user },
    credential,
    abilities: abilitiesForScopes(token.scopes),
    scopes: token.scopes,
    ...(token.expiresOn !== undefined && { endsAt: Date.parse(token.expiresOn) }),
  }
}

/** Scopes that count while the registry is off: a token that could only reach the registry is refused. */
const offered = (scope: string, rules: AuthenticationRules): boolean =>
  isDeployTokenScope(scope) && (rules.registryEnabled || !/^(read|write)_registry$/.test(scope))

const deployTokenReason = async (token: StoredDeployToken, attempt: Attempt): Promise<AuthenticationReason | undefined> => {
  const { login, locate, rules } = attempt
  if (token.revoked) return 'token_revoked'
  if (token.expiresAt !== undefined && token.expiresAt <= rules.now) return 'token_expired'
  if (token.username !== login) return 'username_mismatch'
  if (!token.scopes.some((scope) => offered(scope, rules))) return 'no_known_scope'
  const project = await locate()
  if (project === undefined) return undefined
  if (!tokenReaches(token.home, project)) return 'out_of_reach'
  return project.repositoryAccess === 'disabled' ? 'repository_disabled' : undefined
}

const tryDeployToken = async (attempt: Attempt): Promise<Answer> => {
  const token = await attempt.look.deployToken(attempt.secret)
  if (token === undefined) return undefined
  const credential: CredentialRef = { kind: 'deploy-token', id: token.id }
  const reason = await deployTokenReason(token, attempt)
  if (reason !== undefined) return refuseAuthentication(reason, credential)
  const principal = { kind: 'deploy-token', id: token.id, username: token.username, home: token.home } as const
  const ends = token.expiresAt !== undefined && { endsAt: token.expiresAt }
  return { principal, credential, abilities: abilitiesForScopes(token.scopes), scopes: token.scopes, ...ends }
}

const tryTrustToken = async ({ secret, look, locate, rules }: Attempt): Promise<Answer> => {
  const grant = await look.trustToken(secret)
  return grant && byTrust(grant, 'trust-token', locate, rules.now)
}

/** Last, as in GitLab, since it is the slowest; never for what is plainly a token. */
const tryPassword = async ({ login, secret, look }: Attempt): Promise<Answer> => {
  if (login === '' || look.looksLikeToken(secret)) return undefined
  const found = await look.passwordOwner(login, secret)
  if (found === 'busy') return refuseAuthentication('password_checks_busy')
  if (found === 'disabled') return refuseAuthentication('password_disabled')
  if (found === 'wrong') return refuseAuthentication('password_wrong')
  const credential: CredentialRef = { kind: 'password', id: found.user.id }
  if (!canLogIn(found.user) || found.user.kind !== 'human') return refuseAuthentication('user_cannot_log_in', credential)
  if (found.expired) return refuseAuthentication('password_expired', credential)
  if (found.twoFactor) return refuseAuthentication('two_factor_required', credential)
  return { principal: { kind: 'user', user: found.user }, credential, abilities: fullAbilities }
}

/** The one login by which a job's token is a credential. */
const jobLogin = 'gitlab-ci-token'

const jobReason = ({ user, isRunning, jobsEnabled }: StoredJobToken): AuthenticationReason | undefined => {
  if (!isRunning) return 'job_not_running'
  if (!jobsEnabled) return 'jobs_disabled'
  if (user === undefined) return undefined
  if (!canLogIn(user)) return 'user_cannot_log_in'
  return user.passwordExpired ? 'password_expired' : undefined
}

const tryJobToken = async ({ login, secret, look }: Attempt): Promise<Answer> => {
  if (login !== jobLogin) return undefined
  const token = await look.jobToken(secret)
  if (token === undefined) return undefined
  const credential: CredentialRef = { kind: 'job-token', id: token.id }
  const reason = jobReason(token)
  if (reason !== undefined) return refuseAuthentication(reason, credential)
  const { id, home, user } = token
  const principal = { kind: 'job', id, home, user: user && asJobUser(user) } as const
  return { principal, credential, abilities: readWriteAbilities }
}

const oauthReason = (token: StoredOauthToken, rules: AuthenticationRules): AuthenticationReason | undefined => {
  if (token.expiresAt <= rules.now) return 'token_expired'
  if (token.revoked) return 'token_revoked'
  if (!token.scopes.some((scope) => isOfferedOauthScope(scope, rules))) return 'no_known_scope'
  if (token.user === undefined || !canLogIn(token.user)) return 'user_cannot_log_in'
  return token.user.passwordExpired ? 'password_expired' : undefined
}

/** Whatever the login: `oauth2` is only the one that clients agreed on. */
const tryOauthToken = async ({ secret, look, rules }: Attempt): Promise<Answer> => {
  const token = await look.oauthToken(secret)
  if (token === undefined) return undefined
  const credential: CredentialRef = { kind: 'oauth-token', id: token.id }
  const reason = oauthReason(token, rules)
  if (reason !== undefined || token.user === undefined) {
    return refuseAuthentication(reason ?? 'user_cannot_log_in', credential)
  }
  const { user, scopes, expiresAt: endsAt } = token
  return { principal: { kind: 'user', user }, credential, abilities: abilitiesForScopes(scopes), scopes, endsAt }
}

/** GitLab's order over a Basic pair (gitlab `lib/gitlab/auth.rb`, `find_for_git_client`). Stops at the first hit. */
const basicOrder: readonly { readonly kind: string; readonly attempt: (attempt: Attempt) => Promise<Answer> }[] = [
  { kind: 'job-token', attempt: tryJobToken },
  { kind: 'oauth-token', attempt: tryOauthToken },
  { kind: 'access-token', attempt: tryAccessToken },
  { kind: 'deploy-token', attempt: tryDeployToken },
  { kind: 'trust-token', attempt: tryTrustToken },
  { kind: 'password', attempt: tryPassword },
]

/** `Authorization: Bearer` brings no login, so only kinds that ask for none are tried. */
const bearerOrder = basicOrder.filter(({ kind }) => kind === 'oauth-token' || kind === 'access-token' || kind === 'trust-token')

const isHit = (answer: Authenticated | Refusal): answer is Authenticated => 'principal' in answer

const tryInOrder = async (order: typeof basicOrder, attempt: Attempt): Promise<Authenticated | Refusal> => {
  let remembered: Refusal | undefined
  for (const kind of order) {
    const answer = await kind.attempt(attempt)
    if (answer === undefined) continue
    if (isHit(answer)) return answer
    remembered ??= answer
  }
  return remembered ?? refuseAuthentication('credential_unknown')
}

const byKey = async (fingerprint: string, look: CredentialLookups, now: number): Promise<Authenticated | Refusal> => {
  const key = await look.key(fingerprint)
  if (key === undefined) return refuseAuthentication('credential_unknown')
  const credential: CredentialRef = { kind: key.kind === 'user' ? 'user-key' : 'deploy-key', id: key.id }
  if (key.expiresAt !== undefined && key.expiresAt <= now) return refuseAccess('key_expired', { credential })
  if (key.kind === 'deploy') {
    const principal = { kind: 'deploy-key', id: key.id, title: key.title, creator: key.user } as const
    return { principal, credential, abilities: readWriteAbilities }
  }
  // Bots of tokens have no keys: one would open where the token does no longer.
  if (key.usage === 'signing' || key.user === undefined || key.user.kind === 'project_bot') {
    return refuseAuthentication('credential_unknown', credential)
  }
  return { principal: { kind: 'user', user: key.user }, credential, abilities: fullAbilities }
}

const byCertificate = async (
  certificate: SignedCertificate,
  locate: Locate,
  look: CredentialLookups,
  now: number,
): Promise<Authenticated | Refusal> => {
  const grant = await look.trustCertificate(certificate)
  return grant === undefined ? refuseAuthentication('credential_unknown') : byTrust(grant, 'trust-certificate', locate, now)
}

const anonymous: Authenticated = { principal: { kind: 'anonymous' }, credential: undefined, abilities: readOnlyAbilities }

/**
 * A presented credential → who it is and what it carries, or why not. The project is looked for only where the credential
 * was found and is bound to a place: nobody learns of a project by the time that a wrong credential takes.
 */
export const authenticate = async (
  presented: Presented,
  locate: Locate,
  look: CredentialLookups,
  rules: AuthenticationRules,
): Promise<Authenticated | Refusal> => {
  switch (presented.kind) {
    case 'none':
      return anonymous
    case 'unreadable':
      return refuseAuthentication('credential_missing')
    case 'signed-key':
      return byKey(presented.fingerprint, look, rules.now)
    case 'signed-certificate':
      return byCertificate(presented.certificate, locate, look, rules.now)
    case 'bearer':
      return tryInOrder(bearerOrder, { login: '', secret: presented.secret, locate, look, rules })
    case 'basic':
      if (presented.secret.isEmpty) return refuseAuthentication('credential_missing')
      return tryInOrder(basicOrder, { login: presented.login, secret: presented.secret, locate, look, rules })
  }
}

export { isHit as isAuthenticated }
