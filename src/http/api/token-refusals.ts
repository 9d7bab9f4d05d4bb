import { type CredentialRef, credentialClass, credentialName } from '../../core/credential.ts'
import { ApiError } from './errors.ts'
import type { Carrier } from './presented.ts'

const invalidTokenTexts = {
  token_expired: 'Token is expired. You can either do re-authorization or token refresh.',
  token_revoked: 'Token was revoked. You have to re-authorize from the user.',
  impersonation_disabled: 'Token is an impersonation token but impersonation was disabled.',
} as const

/** A stored token that was shown to a route. */
export interface ShownToken {
  readonly token: CredentialRef
  readonly carrier: Carrier
  /** Scopes of which the route asks for one. */
  readonly requested: readonly string[]
}

/** GitLab's flat keys (gitlab `lib/gitlab/auth/auth_failure.rb`; GitLab docs, "Identify expired access tokens from logs"). */
const failure = (reason: string, { token, carrier, requested }: ShownToken): Record<string, string> => ({
  'meta.auth_fail_reason': reason,
  'meta.auth_fail_token_id': credentialName(token),
  'meta.auth_fail_requested_scopes': requested.join(' '),
  'meta.auth_fail_token_type': credentialClass(token),
  'meta.auth_fail_auth_header_type': carrier,
})

export const invalidToken = (reason: keyof typeof invalidTokenTexts, shown: ShownToken): ApiError => {
  const description = invalidTokenTexts[reason]
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`
  return new ApiError(
    401,
    { error: 'invalid_token', error_description: description },
    { headers: { 'WWW-Authenticate': challenge }, log: failure(reason, shown) },
  )
}

export const insufficientScope = (shown: ShownToken): ApiError =>
  new ApiError(
    403,
    {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: shown.requested.join(' '),
    },
    { log: failure('insufficient_scope', shown) },
  )

/** A good token of an account that may do nothing. */
export const accountRefused = (reason: string, sentence: string, { token }: ShownToken): ApiError =>
  new ApiError(
    403,
    { message: `403 Forbidden - ${sentence}` },
    { log: { 'meta.refusal_reason': reason, 'meta.auth_fail_token_id': credentialName(token) } },
  )
