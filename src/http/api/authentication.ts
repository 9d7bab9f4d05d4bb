import { accountSentence } from '../../access/refuse.ts'
import { inactiveReason } from '../../access/rules/user-state.ts'
import { accessTokenScopes } from '../../core/scope.ts'
import { revokeDescendants } from '../../store/token-rotation.ts'
import { toUser } from '../../store/user-row.ts'
import { findUser } from '../../store/users.ts'
import type { Route } from './call.ts'
import type { Caller, JobCaller, SignedIn } from './caller.ts'
import { ApiError, forbidden, notFound, unauthorized } from './errors.ts'
import { type FoundToken, findToken } from './found-token.ts'
import { jobCaller } from './job-authentication.ts'
import type { ApiParts } from './parts.ts'
import { type PresentedToken, presentedJobToken, presentedToken, type Shown } from './presented.ts'
import { accountRefused, insufficientScope, invalidToken, type ShownToken } from './token-refusals.ts'
import { recordReuse } from './tokens/audit-reuse.ts'
import { baseUrl } from './urls.ts'

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Scopes that a route takes. A token none of whose scopes is known is taken nowhere. */
export const acceptedScopes = (route: Pick<Route, 'scopes' | 'tellsSecret'>, method: string): readonly string[] => {
  if (route.scopes === 'any') return accessTokenScopes
  return ['api', ...(reads(method) && !route.tellsSecret ? ['read_api'] : []), ...(route.scopes ?? [])]
}

/** GitLab's order: expired, revoked, scope, impersonation; then the state of the account. */
const check = (found: FoundToken, accepted: readonly string[], shown: ShownToken, parts: ApiParts): SignedIn => {
  const { account, scopes, credential } = found
  const now = parts.clock()
  if (found.isOver(now)) throw invalidToken('token_expired', shown)
  if (found.revoked) throw invalidToken('token_revoked', shown)
  if (!accepted.some((scope) => scopes.includes(scope))) throw insufficientScope(shown)
  if (found.impersonation && !parts.settings.impersonation) throw invalidToken('impersonation_disabled', shown)
  const user = toUser(account, now)
  const reason = inactiveReason(user)
  if (reason !== undefined) throw accountRefused(reason, accountSentence(reason, baseUrl(parts.settings)), shown)
  return {
    kind: 'user',
    user,
    account,
    credential,
    tokenId: found.accessTokenId,
    scopes,
    endsAt: found.endsAt,
    isAdmin: user.isAdmin,
    actingFor: undefined,
  }
}

/** Why a token was refused, as the log has it. */
const reasonOf = ({ log }: ApiError): string => log['meta.auth_fail_reason'] ?? log['meta.refusal_reason'] ?? 'refused'

/** Judges a token; the audit is told of one that was refused. */
const judge = (
  found: FoundToken,
  accepted: readonly string[],
  shown: ShownToken,
  { address }: Shown,
  parts: ApiParts,
): SignedIn => {
  try {
    return check(found, accepted, shown, parts)
  } catch (refusal) {
    if (refusal instanceof ApiError) {
      const told = { door: 'api', reason: reasonOf(refusal), credential: shown.token, push: false, address } as const
      parts.activity.refusals.refused({ ...told, at: parts.clock() })
    }
    throw refusal
  }
}

/** Revoked but not expired: what has passed its day is told as expired, and has no such consequence. */
const isReplayed = (found: FoundToken, parts: ApiParts): boolean => found.revoked && !found.isOver(parts.clock())

/** What names no user, such as an empty text, is a name too: whoever asks to act for another never acts for himself. */
const sudoTarget = ({ headers, parameters }: Shown): string | undefined => {
  const named = parameters['sudo'] ?? headers['sudo']
  return named === undefined || typeof named === 'string' ? named : JSON.stringify(named)
}

/** An administrator with scope `sudo` acts as another user (gitlab `lib/api/helpers.rb`, `sudo!`). */
const actAs = async (admin: SignedIn, named: string, shown: ShownToken, parts: ApiParts): Promise<SignedIn> => {
  if (!admin.isAdmin) throw forbidden('Must be admin to use sudo', 'sudo_without_admin')
  if (!admin.scopes.includes('sudo')) throw insufficientScope({ ...shown, requested: ['sudo'] })
  const account = await findUser(parts.store.read, named)
  if (account === undefined) throw notFound(`User with ID or username '${named}'`)
  const user = toUser(account, parts.clock())
  return { ...admin, user, account, isAdmin: user.isAdmin, actingFor: admin.user }
}

/** The token that is shown; one that was replaced and is used to rotate again takes its successors with it. */
const tokenOf = async (
  presented: PresentedToken,
  { address }: Shown,
  { rotates }: Pick<Route, 'rotates'>,
  parts: ApiParts,
): Promise<FoundToken> => {
  const found = await findToken(parts.store.read, presented, { registryEnabled: parts.settings.registry !== undefined })
  if (found === undefined) throw unauthorized('credential_unknown')
  if (rotates && found.accessTokenId !== undefined && isReplayed(found, parts)) {
    const ended = await revokeDescendants(parts.store, found.accessTokenId, parts.clock())
    await recordReuse(parts, ended, address)
  }
  return found
}

type AskedRoute = Pick<Route, 'scopes' | 'rotates' | 'tellsSecret' | 'jobToken'>

const shownToken = (found: FoundToken, { carrier }: PresentedToken, route: AskedRoute, method: string): ShownToken => ({
  token: found.credential,
  carrier,
  requested: acceptedScopes(route, method),
})

/** The job that calls, on a route that takes the token of one. Nobody is acted for by it. */
const callingJob = async (shown: Shown, { jobToken }: AskedRoute, parts: ApiParts): Promise<JobCaller | undefined> => {
  const secret = jobToken ? presentedJobToken(shown) : undefined
  const caller = secret && (await jobCaller(secret, shown, parts))
  if (caller !== undefined && sudoTarget(shown) !== undefined) throw forbidden('Must be admin to use sudo', 'sudo_without_admin')
  return caller
}

/** Whether something is presented at all; throws where it is not good. What it may do is asked by `authenticate`. */
export const isPresentedGood = async (shown: Shown, route: AskedRoute, parts: ApiParts): Promise<boolean> => {
  if ((await callingJob(shown, route, parts)) !== undefined) return true
  const presented = presentedToken(shown)
  if (presented === undefined) return false
  const found = await tokenOf(presented, shown, route, parts)
  judge(found, found.scopesOfKind, shownToken(found, presented, route, shown.method), shown, parts)
  return true
}

/**
 * Who calls: anonymous where nothing was presented. A secret that is presented must be good, also where none is asked
 * for. Throws 401 and 403. With `sudo`, that scope stands for the route's own, as in GitLab.
 */
export const authenticate = async (shown: Shown, route: AskedRoute, parts: ApiParts): Promise<Caller> => {
  const job = await callingJob(shown, route, parts)
  if (job !== undefined) return job
  const presented = presentedToken(shown)
  const named = sudoTarget(shown)
  if (presented === undefined) {
    if (named !== undefined) throw unauthorized()
    return { kind: 'anonymous' }
  }
  const found = await tokenOf(presented, shown, route, parts)
  const token = shownToken(found, presented, route, shown.method)
  const caller = judge(found, named === undefined ? token.requested : found.scopesOfKind, token, shown, parts)
  parts.activity.usage.note(token.token, shown.address, parts.clock())
  return named === undefined ? caller : actAs(caller, named, token, parts)
}
