import type { Application } from '../../../oauth/application.ts'
import { type Challenge, verifies } from '../../../oauth/pkce.ts'
import { scopesOf } from '../../../store/lookups.ts'
import { type CodeRow, codeBySecret, useCode } from '../../../store/oauth/codes.ts'
import { type IssuedTokens, insertTokens } from '../../../store/oauth/tokens.ts'
import type { Answer } from '../../api/answer.ts'
import type { OauthCall } from '../call.ts'
import { invalidGrant } from '../errors.ts'
import { granteeOf } from '../grantee.ts'
import { requiredSecret, requiredText } from '../parameters.ts'
import { endFamily } from '../reuse.ts'
import { tokensAnswer } from '../tokens-answer.ts'

const challengeOf = ({ challenge, challenge_method }: CodeRow): Challenge | undefined =>
  challenge === null || challenge_method === null ? undefined : { value: challenge, method: challenge_method }

/** Whose code it is was asked before; a code of another application is as if it were not there. */
const check = ({ parameters, now }: OauthCall, code: CodeRow): void => {
  if (Date.parse(code.expires_at) <= now) throw invalidGrant('code_expired')
  if (requiredText(parameters, 'redirect_uri') !== code.redirect_uri) throw invalidGrant('redirect_uri_differs')
  if (!verifies(challengeOf(code), parameters.get('code_verifier'))) throw invalidGrant('code_verifier_wrong')
}

const change = (call: OauthCall, code: CodeRow): Promise<IssuedTokens | undefined> =>
  call.parts.store.write.transaction().execute(async (transaction) => {
    if (!(await useCode(transaction, code, call.now))) return undefined
    const granted = {
      applicationId: code.application_id,
      userId: code.user_id,
      scopes: scopesOf(code.scopes),
      family: code.family,
      authTime: Date.parse(code.auth_time),
      refreshable: true,
    }
    return insertTokens(transaction, granted, call.now)
  })

const reused = async (call: OauthCall, { family }: CodeRow) => {
  await endFamily(call, family, 'code')
  return invalidGrant('code_reused')
}

/** A code, once, for tokens (RFC 6749, 4.1.3). Its second use ends what the first one gave. */
export const authorizationCode = async (call: OauthCall, application: Application): Promise<Answer> => {
  const code = await codeBySecret(call.parts.store.read, requiredSecret(call.parameters, 'code'))
  if (code === undefined || code.application_id !== application.id) throw invalidGrant('code_unknown')
  if (code.used_at !== null) throw await reused(call, code)
  check(call, code)
  const account = await granteeOf(call, code.user_id)
  const issued = await change(call, code)
  if (issued === undefined) throw await reused(call, code)
  return tokensAnswer(call, issued, { application, account, nonce: code.nonce ?? undefined })
}
