import { ApiError } from '../api/errors.ts'

const malformed =
  'The request is missing a required parameter, includes an unsupported parameter value, or is otherwise malformed.'

/** The standards' errors (RFC 6749, 5.2; RFC 8628, 3.5; RFC 6750, 3.1), each with its status and doorkeeper's words. */
const errors = {
  invalid_request: [400, malformed],
  invalid_client: [
    401,
    'Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.',
  ],
  invalid_grant: [
    400,
    'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
  ],
  unauthorized_client: [400, 'The client is not authorized to perform this request using this method.'],
  unsupported_grant_type: [400, 'The authorization grant type is not supported by the authorization server.'],
  invalid_scope: [400, 'The requested scope is invalid, unknown, or malformed.'],
  authorization_pending: [400, 'The user has not answered yet.'],
  slow_down: [400, 'The user has not answered yet, and the device asks too often.'],
  access_denied: [400, 'The resource owner or authorization server denied the request.'],
  expired_token: [400, 'The device code has expired.'],
  invalid_token: [401, 'The access token is invalid'],
  insufficient_scope: [403, 'The request requires higher privileges than provided by the access token.'],
} as const satisfies Record<string, readonly [number, string]>

export type OauthError = keyof typeof errors

interface Details {
  /** What the client is told, where the standard words say too little. */
  readonly description?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  /** What the log is told: precise, and not for the client. */
  readonly reason: string
  readonly log?: Readonly<Record<string, string>>
}

/** A refusal in the words of the standards. */
export const oauthError = (error: OauthError, details: Details): ApiError => {
  const [status, words] = errors[error]
  const body = { error, error_description: details.description ?? words }
  return new ApiError(details.status ?? status, body, {
    headers: details.headers ?? {},
    log: { 'meta.refusal_reason': details.reason, ...details.log },
  })
}

export const missing = (name: string): ApiError =>
  oauthError('invalid_request', { description: `Missing required parameter: ${name}.`, reason: 'parameter_missing' })

export const invalidGrant = (reason: string): ApiError => oauthError('invalid_grant', { reason })
