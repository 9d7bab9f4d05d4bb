import { credentialName } from '../../core/credential.ts'
import { Secret } from '../../core/secret.ts'
import { isLive, type OauthTokenRow, oauthTokenByAccess } from '../../store/oauth/tokens.ts'
import type { ApiError } from '../api/errors.ts'
import type { OauthCall } from './call.ts'
import { type OauthError, oauthError } from './errors.ts'

const bearerShape = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i

/** In the header, else as a parameter (RFC 6750, 2). */
const shownToken = ({ headers, parameters }: OauthCall): Secret | undefined => {
  const text = bearerShape.exec(headers.authorization ?? '')?.[1] ?? parameters.get('access_token')
  return text === undefined ? undefined : new Secret(text)
}

const realm = 'Bearer realm="GitLab"'

/** A refusal that says in its header, too, what is wrong (RFC 6750, 3). */
export const refuseBearer = (error: OauthError, description: string, reason: string, token?: OauthTokenRow): ApiError =>
  oauthError(error, {
    description,
    reason,
    headers: { 'WWW-Authenticate': `${realm}, error="${error}", error_description="${description}"` },
    log: token === undefined ? {} : { 'meta.auth_fail_token_id': credentialName({ kind: 'oauth-token', id: token.id }) },
  })

const problemOf = (token: OauthTokenRow): readonly [description: string, reason: string] =>
  token.revoked_at === null ? ['The access token expired', 'token_expired'] : ['The access token was revoked', 'token_revoked']

/** The good access token that a request shows. Throws `invalid_token`. */
export const bearerToken = async (call: OauthCall): Promise<OauthTokenRow> => {
  const secret = shownToken(call)
  const token = secret && (await oauthTokenByAccess(call.parts.store.read, secret))
  if (token === undefined) {
    throw refuseBearer('invalid_token', 'The access token is invalid', secret ? 'credential_unknown' : 'credential_missing')
  }
  if (!isLive(token, call.now)) throw refuseBearer('invalid_token', ...problemOf(token), token)
  return token
}
