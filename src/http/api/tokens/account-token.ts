import type { AccessTokenScope } from '../../../core/scope.ts'
import type { Secret } from '../../../core/secret.ts'
import { createToken, type TokenRow } from '../../../store/access-tokens.ts'
import type { Account } from '../../../store/users.ts'
import { usualExpiry } from '../../../tokens/lifetime.ts'
import { makeToken } from '../../../tokens/make.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { ApiError, notFound } from '../errors.ts'
import { requireOffered } from './offered-scopes.ts'
import { auditBirth } from './token-audit.ts'
import { problemSentence, tokenProblems } from './token-input.ts'
import { tokenTerms } from './token-terms.ts'

export interface TokenWishes {
  readonly name: string
  readonly description: string | undefined
  readonly scopes: readonly AccessTokenScope[]
  readonly expires_at: string | undefined
}

/**
 * Makes a personal access token of an account, as the caller asks.
 * @param status of the answer where the token cannot be so; GitLab's routes differ in it
 */
export const giveToken = async (
  call: Call,
  account: Account,
  wishes: TokenWishes,
  status: number,
): Promise<{ readonly token: TokenRow; readonly secret: Secret }> => {
  requireOffered(call, wishes.scopes)
  const { prefix, life } = await tokenTerms(call, account.kind === 'service_account')
  const problem = problemSentence(tokenProblems(wishes, account.is_admin === 1, life, call.now))
  if (problem !== undefined)
    throw new ApiError(status, { message: problem }, { log: { 'meta.refusal_reason': 'invalid_record' } })
  const { digest, secret } = makeToken(prefix)
  const { name, description = null, scopes, expires_at = usualExpiry(life, call.now) } = wishes
  const token = await createToken(
    call.parts.store,
    {
      user: account.id,
      name,
      description,
      digest,
      scopes,
      impersonation: false,
      expiresOn: expires_at,
      createdBy: requireUser(call.caller).user.id,
    },
    call.now,
  )
  if (token === undefined) throw notFound('User')
  await auditBirth(call, token)
  return { token, secret }
}
