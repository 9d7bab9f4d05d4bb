import type { Application } from '../../../oauth/application.ts'
import { scopesAsked } from '../../../oauth/scopes.ts'
import { scopesOf } from '../../../store/lookups.ts'
import {
  type IssuedTokens,
  insertTokens,
  type OauthTokenRow,
  oauthTokenByRefresh,
  retireToken,
} from '../../../store/oauth/tokens.ts'
import type { Answer } from '../../api/answer.ts'
import type { OauthCall } from '../call.ts'
import { invalidGrant, oauthError } from '../errors.ts'
import { granteeOf } from '../grantee.ts'
import { requiredSecret } from '../parameters.ts'
import { endFamily } from '../reuse.ts'
import { tokensAnswer } from '../tokens-answer.ts'

/** As many as before, or fewer; never more (RFC 6749, 6). */
const scopesFor = ({ parameters }: OauthCall, token: OauthTokenRow): readonly string[] => {
  const had = scopesOf(token.scopes)
  const asked = parameters.get('scope')
  const scopes = asked === undefined ? had : scopesAsked(asked, had)
  if (scopes === undefined) throw oauthError('invalid_scope', { reason: 'scope_beyond_grant' })
  return scopes
}

const rotate = (call: OauthCall, token: OauthTokenRow, scopes: readonly string[]): Promise<IssuedTokens | undefined> =>
  call.parts.store.write.transaction().execute(async (transaction) => {
    if (!(await retireToken(transaction, token.id, call.now))) return undefined
    const granted = {
      applicationId: token.application_id,
      userId: token.user_id ?? undefined,
      scopes,
      family: token.family,
      authTime: token.auth_time === null ? undefined : Date.parse(token.auth_time),
      refreshable: true,
    }
    return insertTokens(transaction, granted, call.now)
  })

const reused = async (call: OauthCall, { family }: OauthTokenRow) => {
  await endFamily(call, family, 'refresh token')
  return invalidGrant('refresh_token_reused')
}

/** A refresh token, once, for the next pair; the old pair is dead at once. Its second use ends all that came after it. */
export const refreshToken = async (call: OauthCall, application: Application): Promise<Answer> => {
  const token = await oauthTokenByRefresh(call.parts.store.read, requiredSecret(call.parameters, 'refresh_token'))
  if (token === undefined || token.application_id !== application.id) throw invalidGrant('refresh_token_unknown')
  if (token.revoked_at !== null) throw await reused(call, token)
  const scopes = scopesFor(call, token)
  const account = await granteeOf(call, token.user_id)
  const issued = await rotate(call, token, scopes)
  if (issued === undefined) throw await reused(call, token)
  return tokensAnswer(call, issued, { application, account })
}
