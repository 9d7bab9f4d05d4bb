import { z } from 'zod'
import { trustScopes } from '../../../core/scope.ts'
import { publicKeyBytes } from '../../../tokens/ssh-certificate.ts'
import { type OutsideToken, readOutsideToken } from '../../../trust/outside-token.ts'
import type { Call } from '../call.ts'
import { ApiError } from '../errors.ts'
import { optional, text } from '../input.ts'
import { baseUrl } from '../urls.ts'

/** More than a body of strangers may hold: what is too long is refused in the words of OAuth, not in those of a record. */
const any = optional(text(2 ** 20))

/** RFC 8693, section 2.1; `public_key` is ours. */
export const exchangeInput = z.object({
  grant_type: any,
  subject_token: any,
  subject_token_type: any,
  requested_token_type: any,
  audience: any.meta({ description: 'Path of a project or group.' }),
  resource: any.meta({ description: 'The same as an address.' }),
  scope: any.meta({ description: 'Fewer scopes than the trust gives, separated by blanks.' }),
  public_key: any.meta({ description: 'Of Ed25519, for an SSH certificate.' }),
  repository: any.meta({ description: 'Of images, for a registry token; the path of the project unless it is said.' }),
  actor_token: any,
})

type Input = z.output<typeof exchangeInput>

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const subjectTypes = ['urn:ietf:params:oauth:token-type:jwt', 'urn:ietf:params:oauth:token-type:id_token']

/** What can be asked for; the first has its name from the RFC, the other two are ours. */
export const wantedTypes = {
  token: 'urn:ietf:params:oauth:token-type:access_token',
  certificate: 'urn:sallyport:params:oauth:token-type:ssh-certificate',
  registry: 'urn:sallyport:params:oauth:token-type:registry-token',
} as const
export type Wanted = keyof typeof wantedTypes

export interface ExchangeRequest {
  readonly token: OutsideToken
  /** Path of a project or group. */
  readonly path: string
  readonly scopes: readonly string[] | undefined
  readonly wanted:
    | { readonly kind: 'token' }
    | { readonly kind: 'registry'; readonly repository: string }
    | { readonly kind: 'certificate'; readonly key: Buffer }
}

export type OAuthError = 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope'

/** RFC 6749, section 5.2. */
export const oauthError = (error: OAuthError, description: string, log: Record<string, string> = {}, more = {}): ApiError =>
  new ApiError(400, { error, error_description: description, ...more }, { log: { 'meta.refusal_reason': error, ...log } })

const given = (value: string | undefined, name: string): string => {
  if (value === undefined) throw oauthError('invalid_request', `${name} is missing`)
  return value
}

const tokenIn = ({ subject_token, subject_token_type }: Input): OutsideToken => {
  const written = given(subject_token, 'subject_token')
  if (!subjectTypes.includes(given(subject_token_type, 'subject_token_type'))) {
    throw oauthError('invalid_request', `subject_token_type must be ${subjectTypes.join(' or ')}`)
  }
  const token = readOutsideToken(written)
  if (typeof token !== 'string') return token
  throw oauthError('invalid_request', 'subject_token is no JWT that is taken here', { 'meta.refusal_reason': token })
}

/** An address of ours, or undefined for any other. */
const pathIn = (resource: string, base: string): string | undefined =>
  resource.startsWith(`${base}/`) ? resource.slice(base.length + 1) : undefined

const targetIn = ({ audience, resource }: Input, call: Call): string => {
  const path = resource === undefined ? audience : pathIn(resource, baseUrl(call.parts.settings))
  if (resource !== undefined && audience !== undefined)
    throw oauthError('invalid_request', 'audience and resource exclude each other')
  const named = given(path, 'audience, the path of a project or group,')
    .replace(/\.git$/, '')
    .replace(/^\/|\/$/g, '')
  if (named === '' || named.length > 1_000) throw oauthError('invalid_request', 'audience is no path of a project or group')
  return named
}

const scopesIn = ({ scope }: Input): readonly string[] | undefined => {
  const scopes = scope?.split(' ').filter((word) => word !== '')
  if (scopes === undefined) return undefined
  if (scopes.length > 0 && scopes.length <= 20 && scopes.every((one) => (trustScopes as readonly string[]).includes(one)))
    return scopes
  throw oauthError('invalid_scope', `scope must be of ${trustScopes.join(' ')}`)
}

const wantedIn = (
  { requested_token_type: type = wantedTypes.token, public_key, repository }: Input,
  path: string,
  call: Call,
): ExchangeRequest['wanted'] => {
  if (type === wantedTypes.token) return { kind: 'token' }
  if (type === wantedTypes.registry) {
    if (call.parts.settings.registry === undefined) throw oauthError('invalid_request', 'this server has no registry')
    return { kind: 'registry', repository: (repository ?? path).toLowerCase() }
  }
  if (type !== wantedTypes.certificate) {
    throw oauthError('invalid_request', `requested_token_type must be one of ${Object.values(wantedTypes).join(', ')}`)
  }
  const key = publicKeyBytes(given(public_key, 'public_key'))
  if (key === undefined) throw oauthError('invalid_request', 'public_key must be a line such as ssh-ed25519 AAAA…')
  return { kind: 'certificate', key }
}

/** Takes a request apart; what it says is not believed yet. Throws OAuth's 400. */
export const readExchange = (call: Call): ExchangeRequest => {
  // A URL stands in the logs of every proxy: a token in one is a token given away.
  if (call.url.includes('?')) throw oauthError('invalid_request', 'parameters belong into the body')
  const input = call.read(exchangeInput)
  if (given(input.grant_type, 'grant_type') !== grantType) {
    throw oauthError('unsupported_grant_type', `grant_type must be ${grantType}`)
  }
  if (input.actor_token !== undefined) throw oauthError('invalid_request', 'actor_token is not supported')
  const path = targetIn(input, call)
  return { token: tokenIn(input), path, scopes: scopesIn(input), wanted: wantedIn(input, path, call) }
}
