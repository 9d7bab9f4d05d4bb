import { z } from 'zod'
import type { AccessTokenId } from '../../core/ids.ts'
import { createToken, inState, revokeToken, selectTokens, type TokenRow } from '../../store/access-tokens.ts'
import { usualExpiry } from '../../tokens/lifetime.ts'
import { makeToken } from '../../tokens/make.ts'
import { type Answer, created, noContent, ok } from './answer.ts'
import { type Call, type Route, route } from './call.ts'
import { requireAdmin } from './caller.ts'
import { notFound, validation } from './errors.ts'
import { numberIn, oneOf, optional } from './input.ts'
import { paginate } from './pagination.ts'
import { newTokenFields, scopeList, tokenProblems } from './token-input.ts'
import { impersonationEntity, impersonationShape, newImpersonationEntity, withSecret } from './token-shape.ts'
import { tokenTerms } from './token-terms.ts'
import { accountOf } from './users.ts'

const tokensOf = async (call: Call) => {
  requireAdmin(call.caller)
  const account = await accountOf(call)
  const tokens = selectTokens(call.parts.store.read)
    .where('access_tokens.user_id', '=', account.id)
    .where('access_tokens.impersonation', '=', 1)
  return { account, tokens }
}

const byState = z.object({ state: optional(oneOf(['all', 'active', 'inactive'])) })

const listTokens = async (call: Call): Promise<Answer> => {
  const { tokens } = await tokensOf(call)
  const { state = 'all' } = call.read(byState)
  const query = state === 'all' ? tokens : inState(tokens, state, call.now)
  return paginate(call, query.orderBy('access_tokens.id'), (rows) => rows.map((row) => impersonationShape(row, call.now)))
}

const named = async (call: Call): Promise<TokenRow> => {
  const { tokens } = await tokensOf(call)
  const id = numberIn(call.word('token_id'), 'impersonation_token_id') as AccessTokenId
  const token = await tokens.where('access_tokens.id', '=', id).executeTakeFirst()
  if (token === undefined) throw notFound('Impersonation Token')
  return token
}

const newToken = z.object({ ...newTokenFields, scopes: optional(scopeList()) })

const create = async (call: Call): Promise<Answer> => {
  const admin = requireAdmin(call.caller)
  const { scopes = [], ...input } = call.read(newToken)
  const { account } = await tokensOf(call)
  const { prefix, life } = await tokenTerms(call)
  const problems = tokenProblems({ ...input, scopes }, account.is_admin === 1, life, call.now)
  if (Object.keys(problems).length > 0) throw validation(problems)
  const { digest, secret } = makeToken(prefix)
  const token = await createToken(
    call.parts.store,
    {
      user: account.id,
      name: input.name,
      description: input.description ?? null,
      digest,
      scopes,
      impersonation: true,
      expiresOn: input.expires_at ?? usualExpiry(life, call.now),
      createdBy: admin.user.id,
    },
    call.now,
  )
  if (token === undefined) throw notFound('User')
  return created(withSecret(impersonationShape(token, call.now), secret))
}

const revoke = async (call: Call): Promise<Answer> => {
  await revokeToken(call.parts.store, await named(call), call.now)
  return noContent
}

/** Tokens by which an administrator acts in a user's name; the user neither sees nor ends them. */
export const impersonationTokenRoutes: readonly Route[] = [
  route('GET', '/users/:id/impersonation_tokens', {
    input: [byState],
    output: impersonationEntity,
    paged: true,
    handler: listTokens,
  }),
  route('POST', '/users/:id/impersonation_tokens', {
    input: [newToken],
    output: newImpersonationEntity,
    handler: create,
  }),
  route('GET', '/users/:id/impersonation_tokens/:token_id', {
    output: impersonationEntity,
    handler: async (call) => ok(impersonationShape(await named(call), call.now)),
  }),
  route('DELETE', '/users/:id/impersonation_tokens/:token_id', { handler: revoke }),
]
