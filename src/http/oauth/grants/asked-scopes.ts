import type { Application } from '../../../oauth/application.ts'
import { scopesAsked } from '../../../oauth/scopes.ts'
import type { OauthCall } from '../call.ts'
import { oauthError } from '../errors.ts'

/** What a request asks for, within what its application may have. Throws `invalid_scope`. */
export const askedScopes = ({ parameters }: OauthCall, application: Application): readonly string[] => {
  const scopes = scopesAsked(parameters.get('scope'), application.scopes)
  if (scopes === undefined) throw oauthError('invalid_scope', { reason: 'scope_beyond_application' })
  return scopes
}
