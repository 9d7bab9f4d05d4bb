import { inactiveReason } from '../../access/rules/user-state.ts'
import { userFields } from '../../log.ts'
import { scopesOf } from '../../store/lookups.ts'
import { toUser } from '../../store/user-row.ts'
import { type Answer, ok } from '../api/answer.ts'
import { userOfToken } from '../api/found-token.ts'
import { bearerToken, refuseBearer } from './bearer.ts'
import type { OauthCall } from './call.ts'
import { userinfoClaims } from './claims.ts'

/** `GET` and `POST /oauth/userinfo` (OpenID Connect Core, 5.3). */
export const userinfo = async (call: OauthCall): Promise<Answer> => {
  const token = await bearerToken(call)
  const scopes = scopesOf(token.scopes)
  if (!scopes.includes('openid')) {
    throw refuseBearer('insufficient_scope', "Access to this resource requires scope 'openid'.", 'scope_missing', token)
  }
  const { store, activity } = call.parts
  const account = await userOfToken(store.read, token)
  const reason = account === undefined ? 'user_gone' : inactiveReason(toUser(account, call.now))
  if (account === undefined || reason !== undefined) {
    throw refuseBearer('invalid_token', 'The access token is invalid', reason ?? 'user_gone', token)
  }
  activity.usage.note({ kind: 'oauth-token', id: token.id }, call.address, call.now)
  call.note(userFields(account))
  return ok(await userinfoClaims(call, account, scopes))
}
