import { scopesOf } from '../../store/lookups.ts'
import { type Answer, ok } from '../api/answer.ts'
import { bearerToken } from './bearer.ts'
import type { OauthCall } from './call.ts'

/** `GET /oauth/token/info`: an access token asks about itself (gitlab `Oauth::TokenInfoController`). */
export const tokenInfo = async (call: OauthCall): Promise<Answer> => {
  const token = await bearerToken(call)
  const application = await call.parts.store.read
    .selectFrom('oauth_applications')
    .select('uid')
    .where('id', '=', token.application_id)
    .executeTakeFirst()
  const scopes = scopesOf(token.scopes)
  const left = Math.floor((Date.parse(token.expires_at) - call.now) / 1000)
  return ok({
    resource_owner_id: token.user_id,
    scope: scopes,
    expires_in: left,
    application: { uid: application?.uid ?? null },
    created_at: Math.floor(Date.parse(token.created_at) / 1000),
    scopes,
    expires_in_seconds: left,
  })
}
