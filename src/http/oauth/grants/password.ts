import { randomUUID } from 'node:crypto'
import { isAuthenticated } from '../../../access/authenticate.ts'
import type { UserId } from '../../../core/ids.ts'
import type { Refusal } from '../../../core/refusal.ts'
import type { Application } from '../../../oauth/application.ts'
import { issueTokens } from '../../../store/oauth/tokens.ts'
import { readSetting } from '../../../store/settings.ts'
import type { Answer } from '../../api/answer.ts'
import { type ApiError, tooBusy } from '../../api/errors.ts'
import type { OauthCall } from '../call.ts'
import { bannedAddress } from '../client.ts'
import { invalidGrant, oauthError } from '../errors.ts'
import { granteeOf } from '../grantee.ts'
import { requiredSecret, requiredText } from '../parameters.ts'
import { tokensAnswer } from '../tokens-answer.ts'
import { askedScopes } from './asked-scopes.ts'

const refusedAs = ({ reason }: Refusal): ApiError => {
  if (reason === 'address_banned') return bannedAddress()
  return reason === 'password_checks_busy' ? tooBusy() : invalidGrant(reason)
}

/** By the rules and the counts of git's door. Nothing but a password is taken for one. */
const ownerOf = async (call: OauthCall): Promise<UserId> => {
  const { parameters, address, method, path } = call
  const login = requiredText(parameters, 'username')
  const secret = requiredSecret(parameters, 'password')
  const presented = { kind: 'basic', login, secret } as const
  const who = await call.parts.gate.identify(presented, { address, request: { method, path } })
  if (!isAuthenticated(who)) throw refusedAs(who)
  if (who.credential?.kind !== 'password' || who.principal.kind !== 'user') throw invalidGrant('password_wrong')
  return who.principal.user.id
}

/** A user's password in an application's hands (RFC 6749, 4.3), where an administrator allows it. */
export const passwordGrant = async (call: OauthCall, application: Application): Promise<Answer> => {
  const allowed = await readSetting(call.parts.store.read, 'resource_owner_password_credentials_enabled')
  if (!allowed) throw oauthError('unsupported_grant_type', { reason: 'password_grant_disabled' })
  const scopes = askedScopes(call, application)
  const account = await granteeOf(call, await ownerOf(call))
  const granted = {
    applicationId: application.id,
    userId: account.id,
    scopes,
    family: randomUUID(),
    authTime: call.now,
    refreshable: true,
  }
  return tokensAnswer(call, await issueTokens(call.parts.store, granted, call.now), { application, account })
}
