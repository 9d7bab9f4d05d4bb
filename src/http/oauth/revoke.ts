import { oauthTokenByAccess, oauthTokenByRefresh, revokeFamily } from '../../store/oauth/tokens.ts'
import { type Answer, ok } from '../api/answer.ts'
import type { OauthCall } from './call.ts'
import { authenticateClient } from './client.ts'
import { oauthError } from './errors.ts'
import { requiredSecret } from './parameters.ts'

/**
 * `POST /oauth/revoke` (RFC 7009): an application ends a token of its own, and with it all of the same consent. A token that
 * is not there is as good as ended.
 */
export const revoke = async (call: OauthCall): Promise<Answer> => {
  const application = await authenticateClient(call)
  const { store } = call.parts
  const secret = requiredSecret(call.parameters, 'token')
  const token = (await oauthTokenByAccess(store.read, secret)) ?? (await oauthTokenByRefresh(store.read, secret))
  if (token === undefined) return ok({})
  if (token.application_id !== application.id) {
    throw oauthError('unauthorized_client', {
      status: 403,
      description: 'You are not authorized to revoke this token',
      reason: 'token_of_another_client',
    })
  }
  const ended = await store.write.transaction().execute((transaction) => revokeFamily(transaction, token.family, call.now))
  call.note({ 'meta.revoked_oauth_tokens': ended.map(({ id }) => id) })
  return ok({})
}
