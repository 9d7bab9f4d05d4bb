import { randomUUID } from 'node:crypto'
import type { Application } from '../../../oauth/application.ts'
import { issueTokens } from '../../../store/oauth/tokens.ts'
import { type Account, userById } from '../../../store/users.ts'
import type { Answer } from '../../api/answer.ts'
import type { OauthCall } from '../call.ts'
import { oauthError } from '../errors.ts'
import { granteeOf } from '../grantee.ts'
import { tokensAnswer } from '../tokens-answer.ts'
import { askedScopes } from './asked-scopes.ts'

/** Nobody, as in GitLab; but a service account's own application acts for that account, which has no browser to agree in. */
const machineOf = async (call: OauthCall, { ownerId }: Application): Promise<Account | undefined> => {
  const owner = ownerId === undefined ? undefined : await userById(call.parts.store.read, ownerId)
  return owner?.kind === 'service_account' ? granteeOf(call, owner.id) : undefined
}

/** An application asks by itself (RFC 6749, 4.4). */
export const clientCredentials = async (call: OauthCall, application: Application): Promise<Answer> => {
  if (!application.confidential) throw oauthError('unauthorized_client', { reason: 'client_public' })
  const scopes = askedScopes(call, application)
  const account = await machineOf(call, application)
  const granted = {
    applicationId: application.id,
    userId: account?.id,
    scopes,
    family: randomUUID(),
    authTime: undefined,
    refreshable: false,
  }
  const issued = await issueTokens(call.parts.store, granted, call.now)
  return tokensAnswer(call, issued, { application, account })
}
