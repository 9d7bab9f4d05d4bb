import type { Application } from './application.ts'
import { type Challenge, isChallenge, isChallengeMethod } from './pkce.ts'
import { isRegistered } from './redirect-uri.ts'
import { scopesAsked } from './scopes.ts'

/** Errors of the authorization endpoint (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6). */
export type AuthorizationError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_redirect_uri'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_code_challenge_method'
  | 'server_error'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'

/** What is asked on `/oauth/authorize`, all of it checked. */
export interface AuthorizationRequest {
  readonly kind: 'request'
  readonly application: Application
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly state: string | undefined
  /** Absent for confidential applications that did not ask for it. */
  readonly challenge: Challenge | undefined
  readonly nonce: string | undefined
  /** `none`: the user may be asked nothing. `login`: he has to sign in anew. `consent`: he is asked again. */
  readonly prompt: 'none' | 'login' | 'consent' | undefined
  /** How long ago, in seconds, the user may have signed in. */
  readonly maxAge: number | undefined
}

/**
 * Why there will be no code. It is told on a page where it is not certain who sent the user here: an address that is not
 * registered is never gone to.
 */
export type AuthorizationRefusal = {
  readonly kind: 'refusal'
  readonly error: AuthorizationError
  readonly description: string
} & ({ readonly show: 'page' } | { readonly show: 'redirect'; readonly redirectUri: string; readonly state: string | undefined })

const descriptions: Readonly<Record<AuthorizationError, string>> = {
  invalid_request: 'The request is missing a required parameter, includes an unsupported parameter value, or is malformed.',
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  invalid_redirect_uri: 'The redirect URI included is not valid.',
  unauthorized_client: 'The client is not authorized to perform this request using this method.',
  access_denied: 'The resource owner or authorization server denied the request.',
  unsupported_response_type: 'The authorization server does not support this response type.',
  invalid_scope: 'The requested scope is invalid, unknown, or malformed.',
  invalid_code_challenge_method: 'The code_challenge_method must be plain or S256.',
  server_error: 'The authorization server met a condition that kept it from fulfilling the request.',
  login_required: 'The authorization server requires end-user authentication.',
  consent_required: 'The authorization server requires end-user consent.',
  request_not_supported: 'Request objects are not supported.',
  request_uri_not_supported: 'Request objects are not supported.',
}

type Parameters = Readonly<Record<string, unknown>>

/** Longest value of a parameter, in characters. */
const longest = 4096

/** A parameter's text; undefined where it is absent or empty (RFC 6749, 3.1), and where it is no text: see `isReadable`. */
const textIn = (parameters: Parameters, name: string): string | undefined => {
  const value = parameters[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What is read of a request besides who asks and where the answer goes. */
export const readParameters = [
  'response_type',
  'response_mode',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'prompt',
  'max_age',
] as const

/** Whether each parameter that is read is one text of bearable length. */
const isReadable = (parameters: Parameters): boolean =>
  readParameters.every((name) => {
    const value = parameters[name]
    return value === undefined || value === null || (typeof value === 'string' && value.length <= longest)
  })

const onPage = (error: AuthorizationError): AuthorizationRefusal => ({
  kind: 'refusal',
  show: 'page',
  error,
  description: descriptions[error],
})

interface Sender {
  readonly redirectUri: string
  readonly state: string | undefined
}

/** The refusal of a request that was understood, such as by its user (`access_denied`). */
export const refuseRequest = (
  { redirectUri, state }: Sender,
  error: AuthorizationError,
  description = descriptions[error],
): AuthorizationRefusal => ({ kind: 'refusal', show: 'redirect', redirectUri, state, error, description })

/** What a request says of PKCE; a word on what is wrong with it. Public applications have no other proof of theirs. */
const challengeIn = (
  parameters: Parameters,
  { confidential }: Application,
): { readonly challenge: Challenge | undefined } | { readonly error: AuthorizationError; readonly description?: string } => {
  const value = textIn(parameters, 'code_challenge')
  const method = textIn(parameters, 'code_challenge_method')
  if (value === undefined) {
    if (method !== undefined) return { error: 'invalid_request', description: 'code_challenge is missing.' }
    return confidential ? { challenge: undefined } : { error: 'invalid_request', description: 'Code challenge is required.' }
  }
  if (method === undefined || !isChallengeMethod(method)) return { error: 'invalid_code_challenge_method' }
  if (!isChallenge({ value, method })) return { error: 'invalid_request', description: 'code_challenge is malformed.' }
  return { challenge: { value, method } }
}

const promptIn = (parameters: Parameters): AuthorizationRequest['prompt'] | 'wrong' => {
  const prompts = (textIn(parameters, 'prompt') ?? '').split(' ').filter((word) => word !== '')
  if (prompts.includes('none')) return prompts.length === 1 ? 'none' : 'wrong'
  if (prompts.includes('login') || prompts.includes('select_account')) return 'login'
  return prompts.includes('consent') ? 'consent' : undefined
}

const maxAgeIn = (parameters: Parameters): number | 'wrong' | undefined => {
  const text = textIn(parameters, 'max_age')
  if (text === undefined) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : 'wrong'
}

/** Once it is certain who asks: anything that is wrong is told to the application. */
const readRest = (
  parameters: Parameters,
  application: Application,
  sender: Sender,
): AuthorizationRequest | AuthorizationRefusal => {
  if (!isReadable(parameters)) return refuseRequest(sender, 'invalid_request')
  for (const name of ['request', 'request_uri'] as const) {
    if (parameters[name] !== undefined) return refuseRequest(sender, `${name}_not_supported`)
  }
  const type = textIn(parameters, 'response_type')
  if (type === undefined) return refuseRequest(sender, 'invalid_request', 'Missing required parameter: response_type.')
  if (type !== 'code') return refuseRequest(sender, 'unsupported_response_type')
  if ((textIn(parameters, 'response_mode') ?? 'query') !== 'query') return refuseRequest(sender, 'invalid_request')
  const scopes = scopesAsked(textIn(parameters, 'scope'), application.scopes)
  if (scopes === undefined) return refuseRequest(sender, 'invalid_scope')
  const proof = challengeIn(parameters, application)
  if ('error' in proof) return refuseRequest(sender, proof.error, proof.description)
  const prompt = promptIn(parameters)
  const maxAge = maxAgeIn(parameters)
  if (prompt === 'wrong' || maxAge === 'wrong') return refuseRequest(sender, 'invalid_request')
  return { kind: 'request', application, scopes, ...sender, ...proof, prompt, maxAge, nonce: textIn(parameters, 'nonce') }
}

/**
 * Reads what a browser brings to `/oauth/authorize` (RFC 6749, 4.1.1; RFC 7636, 4.3; OpenID Connect Core, 3.1.2.1).
 * @param parameters each by its name; what was sent twice is no text
 * @param application the one of `client_id`; undefined where there is none
 */
export const readAuthorizationRequest = (
  parameters: Parameters,
  application: Application | undefined,
): AuthorizationRequest | AuthorizationRefusal => {
  if (application === undefined) return onPage('invalid_client')
  const redirectUri = textIn(parameters, 'redirect_uri')
  if (redirectUri === undefined || !isRegistered(redirectUri, application.redirectUris)) return onPage('invalid_redirect_uri')
  return readRest(parameters, application, { redirectUri, state: textIn(parameters, 'state')?.slice(0, longest) })
}

const withQuery = (uri: string, answer: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) query.append(name, value)
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}

/** Where a refusal sends the browser. @param issuer tells an application which server answered (RFC 9207) */
export const refusalLocation = (
  { redirectUri, state, error, description }: Extract<AuthorizationRefusal, { show: 'redirect' }>,
  issuer: string,
): string => withQuery(redirectUri, { error, error_description: description, state, iss: issuer })

/** Where a code sends it. */
export const codeLocation = ({ redirectUri, state }: Sender, code: string, issuer: string): string =>
  withQuery(redirectUri, { code, state, iss: issuer })
