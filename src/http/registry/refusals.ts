import { accessDenied } from '../../access/refuse.ts'
import type { Authenticated } from '../../core/credential.ts'
import type { Refusal } from '../../core/refusal.ts'
import { refusalFields } from '../../log.ts'
import { longestScope, mostScopes, type ScopeProblem } from '../../registry/scopes.ts'
import { ApiError } from '../api/errors.ts'

/** The form of a registry's own errors (distribution's documentation, "Errors"). */
const errors = (code: string, message: string) => ({ errors: [{ code, message }] })

const because = (reason: string) => ({ log: { 'meta.refusal_reason': reason } })

/** GitLab's bodies, with the status in them once more as it has it. */
const denial = (status: number, code: string, message: string, reason: string): ApiError =>
  new ApiError(status, { ...errors(code, message), http_status: status }, because(reason))

/** Why nothing is granted to a credential that is good, or to nobody at all. */
type Denied = 'registry_ability_missing' | 'registry_nothing_granted'

export const accessForbidden = (reason: Denied): ApiError => denial(403, 'DENIED', 'access forbidden', reason)

export const registryOff = (): ApiError => denial(404, 'UNAVAILABLE', 'registry not enabled', 'registry_off')

/** Another service than a registry; without a word, as in GitLab. */
export const unknownService = (): ApiError => new ApiError(404, undefined, because('registry_service_unknown'))

const problems: Readonly<Record<ScopeProblem, string>> = {
  registry_scopes_too_many: `at most ${mostScopes} scopes can be asked for at once`,
  registry_scope_too_long: `a scope has at most ${longestScope} characters`,
}

export const badScopes = (problem: ScopeProblem): ApiError =>
  new ApiError(400, errors('UNSUPPORTED', problems[problem]), because(problem))

const asText = (fields: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]))

/** An account that may do nothing now, though its credential is good. */
export const accountForbidden = (refusal: Refusal, who: Authenticated): ApiError =>
  new ApiError(403, accessForbidden('registry_nothing_granted').body, { log: asText(refusalFields(refusal, who.credential)) })

const banned = (log: Record<string, string>): ApiError =>
  new ApiError(403, 'Forbidden\n', {
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    log: { ...log, env: 'blocklist' },
  })

const busy = (log: Record<string, string>): ApiError =>
  new ApiError(429, errors('TOOMANYREQUESTS', 'Too many password checks at once. Try again in a few seconds.'), {
    headers: { 'Retry-After': '5' },
    log,
  })

/** A credential that is not good: wrong, expired and revoked look alike, as over git. */
export const notLetIn = (refusal: Refusal, baseUrl: string): ApiError => {
  const log = asText(refusalFields(refusal))
  if (refusal.reason === 'address_banned') return banned(log)
  if (refusal.reason === 'password_checks_busy') return busy(log)
  const headers = refusal.reason === 'password_disabled' ? {} : { 'WWW-Authenticate': 'Basic realm="GitLab"' }
  return new ApiError(401, errors('UNAUTHORIZED', accessDenied(baseUrl)), { headers, log })
}
