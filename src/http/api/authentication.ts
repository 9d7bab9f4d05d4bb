import type { IncomingHttpHeaders } from 'node:http'
import { accountSentence } from '../../access/refuse.ts'
import { inactiveReason } from '../../access/rules/user-state.ts'
import { dayHasCome } from '../../core/clock.ts'
import { type CredentialRef, credentialName } from '../../core/credential.ts'
import { accessTokenScopes, isOfferedScope } from '../../core/scope.ts'
import { Secret } from '../../core/secret.ts'
import { type TokenWithUser, tokenByDigest } from '../../store/access-tokens.ts'
import { accessTokenKind, scopesOf } from '../../store/lookups.ts'
import { revokeDescendants } from '../../store/token-rotation.ts'
import { toUser } from '../../store/user-row.ts'
import { findUser } from '../../store/users.ts'
import { digestOf, isJobToken } from '../../tokens/digest.ts'
import { recordReuse } from './audit-reuse.ts'
import type { Route } from './call.ts'
import type { Caller, SignedIn } from './caller.ts'
import { ApiError, forbidden, notFound, unauthorized } from './errors.ts'
import type { Parameters } from './form.ts'
import type { ApiParts } from './parts.ts'
import { baseUrl } from './urls.ts'

/** Longest secret that is looked up, in characters. */
const longestSecret = 8192

/** What of a request can carry a credential. */
export interface Shown {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly parameters: Parameters
  /** Of the client. */
  readonly address: string | undefined
}

/** Empty values count as none. What is no text cannot be a token, but was presented: an empty secret is never found. */
const asSecret = (value: unknown): Secret | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  return new Secret(typeof value === 'string' && value.length <= longestSecret ? value : '')
}

const bearer = (headers: IncomingHttpHeaders): Secret | undefined =>
  asSecret(/^Bearer +(\S.*)$/i.exec(headers.authorization ?? '')?.[1]?.trim())

/** The first source that holds something wins (gitlab `lib/gitlab/auth/auth_finders.rb`). Basic and cookies are not read. */
const firstSecret = ({ headers, parameters }: Shown): Secret | undefined =>
  asSecret(parameters['private_token']) ??
  asSecret(headers['private-token']) ??
  bearer(headers) ??
  asSecret(parameters['access_token']) ??
  asSecret(parameters['bearer_token'])

/** A job token is none of ours, also in the place of another: who shows one is nobody in particular. */
const presentedSecret = (shown: Shown): Secret | undefined => {
  const secret = firstSecret(shown)
  return secret === undefined || isJobToken(secret) ? undefined : secret
}

const invalidTokenTexts = {
  token_expired: 'Token is expired. You can either do re-authorization or token refresh.',
  token_revoked: 'Token was revoked. You have to re-authorize from the user.',
  impersonation_disabled: 'Token is an impersonation token but impersonation was disabled.',
} as const

const failure = (reason: string, token: CredentialRef): Record<string, string> => ({
  'meta.auth_fail_reason': reason,
  'meta.auth_fail_token_id': credentialName(token),
})

const invalidToken = (reason: keyof typeof invalidTokenTexts, token: CredentialRef): ApiError => {
  const description = invalidTokenTexts[reason]
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`
  return new ApiError(
    401,
    { error: 'invalid_token', error_description: description },
    { headers: { 'WWW-Authenticate': challenge }, log: failure(reason, token) },
  )
}

const insufficientScope = (accepted: readonly string[], token: CredentialRef): ApiError =>
  new ApiError(
    403,
    {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: accepted.join(' '),
    },
    { log: { ...failure('insufficient_scope', token), 'meta.auth_fail_requested_scopes': accepted.join(' ') } },
  )

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Scopes that a route takes. A token none of whose scopes is known is taken nowhere. */
export const acceptedScopes = (route: Pick<Route, 'scopes' | 'tellsSecret'>, method: string): readonly string[] => {
  if (route.scopes === 'any') return accessTokenScopes
  return ['api', ...(reads(method) && !route.tellsSecret ? ['read_api'] : []), ...(route.scopes ?? [])]
}

const credentialOf = ({ token, account }: TokenWithUser): CredentialRef => ({
  kind: accessTokenKind({ ...account, impersonation: token.impersonation }),
  id: token.id,
})

/** GitLab's order: expired, revoked, scope, impersonation; then the state of the account. */
const check = (found: TokenWithUser, accepted: readonly string[], parts: ApiParts): SignedIn => {
  const { token, account } = found
  const credential = credentialOf(found)
  const offer = { registryEnabled: parts.settings.registry !== undefined }
  const scopes = scopesOf(token.scopes).filter((scope) => isOfferedScope(scope, offer))
  const now = parts.clock()
  if (token.expires_at !== null && dayHasCome(token.expires_at, now)) throw invalidToken('token_expired', credential)
  if (token.revoked === 1) throw invalidToken('token_revoked', credential)
  if (!accepted.some((scope) => scopes.includes(scope))) throw insufficientScope(accepted, credential)
  if (token.impersonation === 1 && !parts.settings.impersonation) throw invalidToken('impersonation_disabled', credential)
  const user = toUser(account, now)
  const reason = inactiveReason(user)
  if (reason !== undefined) throw forbidden(accountSentence(reason, baseUrl(parts.settings)), reason)
  return {
    kind: 'user',
    user,
    account,
    tokenId: token.id,
    tokenKind: credential.kind,
    scopes,
    isAdmin: user.isAdmin,
    actingFor: undefined,
  }
}

/** Why a token was refused, as the log has it. */
const reasonOf = ({ log }: ApiError): string => log['meta.auth_fail_reason'] ?? log['meta.refusal_reason'] ?? 'refused'

/** Judges a token; the audit is told of one that was refused. */
const judge = (found: TokenWithUser, accepted: readonly string[], { address }: Shown, parts: ApiParts): SignedIn => {
  try {
    return check(found, accepted, parts)
  } catch (refusal) {
    if (refusal instanceof ApiError) {
      const told = { door: 'api', reason: reasonOf(refusal), credential: credentialOf(found), push: false, address } as const
      parts.activity.refusals.refused({ ...told, at: parts.clock() })
    }
    throw refusal
  }
}

/** Revoked but not expired: what has passed its day is told as expired, and has no such consequence. */
const isReplayed = ({ token }: TokenWithUser, parts: ApiParts): boolean =>
  token.revoked === 1 && (token.expires_at === null || !dayHasCome(token.expires_at, parts.clock()))

const sudoTarget = ({ headers, parameters }: Shown): string | undefined => {
  const named = parameters['sudo'] ?? headers['sudo']
  return typeof named === 'string' && named !== '' ? named : undefined
}

/** An administrator with scope `sudo` acts as another user (gitlab `lib/api/helpers.rb`, `sudo!`). */
const actAs = async (admin: SignedIn, named: string, parts: ApiParts): Promise<SignedIn> => {
  if (!admin.isAdmin) throw forbidden('Must be admin to use sudo', 'sudo_without_admin')
  if (!admin.scopes.includes('sudo')) throw insufficientScope(['sudo'], { kind: admin.tokenKind, id: admin.tokenId })
  const account = await findUser(parts.store.read, named)
  if (account === undefined) throw notFound(`User with ID or username '${named}'`)
  const user = toUser(account, parts.clock())
  return { ...admin, user, account, isAdmin: user.isAdmin, actingFor: admin.user }
}

/** The token that a secret is; one that was replaced and is used to rotate again takes its successors with it. */
const tokenOf = async (
  secret: Secret,
  { address }: Shown,
  { rotates }: Pick<Route, 'rotates'>,
  parts: ApiParts,
): Promise<TokenWithUser> => {
  const found = await tokenByDigest(parts.store.read, digestOf(secret))
  if (found === undefined) throw unauthorized('credential_unknown')
  if (rotates && isReplayed(found, parts)) {
    const ended = await revokeDescendants(parts.store, found.token.id, parts.clock())
    await recordReuse(parts, ended, address)
  }
  return found
}

/** Whether something is presented at all; throws where it is not good. What it may do is asked by `authenticate`. */
export const isPresentedGood = async (shown: Shown, route: Pick<Route, 'rotates'>, parts: ApiParts): Promise<boolean> => {
  const secret = presentedSecret(shown)
  if (secret === undefined) return false
  judge(await tokenOf(secret, shown, route, parts), accessTokenScopes, shown, parts)
  return true
}

/**
 * Who calls: anonymous where nothing was presented. A secret that is presented must be good, also where none is asked
 * for. Throws the refusals of gitlab.md 4.2. With `sudo`, that scope stands for the route's own, as in GitLab.
 */
export const authenticate = async (
  shown: Shown,
  route: Pick<Route, 'scopes' | 'rotates' | 'tellsSecret'>,
  parts: ApiParts,
): Promise<Caller> => {
  const secret = presentedSecret(shown)
  const named = sudoTarget(shown)
  if (secret === undefined) {
    if (named !== undefined) throw unauthorized()
    return { kind: 'anonymous' }
  }
  const found = await tokenOf(secret, shown, route, parts)
  const accepted = named === undefined ? acceptedScopes(route, shown.method) : accessTokenScopes
  const caller = judge(found, accepted, shown, parts)
  parts.activity.usage.note(credentialOf(found), shown.address, parts.clock())
  return named === undefined ? caller : actAs(caller, named, parts)
}
