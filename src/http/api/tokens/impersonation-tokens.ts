import { z } from 'zod'
import type { AccessTokenId } from '../../../core/ids.ts'
import { createToken, inState, revokeToken, selectTokens, type TokenRow } from '../../../store/access-tokens.ts'
import { usualExpiry } from '../../../tokens/lifetime.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { notFound, validation } from '../errors.ts'
import { numberIn, oneOf, optional } from '../input.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { accountOf } from '../users/users.ts'
import { unused, useOf, usesOf } from './last-use.ts'
import { requireOffered } from './offered-scopes.ts'
import { auditBirth, tokenStory } from './token-audit.ts'
import { newTokenFields, scopeList, tokenProblems } from './token-input.ts'
import { impersonationEntity, impersonationShape, newImpersonationEntity, withSecret } from './token-shape.ts'
import { tokenTerms } from './token-terms.ts'

const tokensOf = async (call: Call) => {
  requireAdmin(call.caller)
  const account = await accountOf(call, 'user_id')
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
  return paginate(call, query.orderBy('access_tokens.id'), async (rows) => {
    const use = await usesOf(call, 'access-token', rows)
    return rows.map((row) => impersonationShape(row, use(row), call.now))
  })
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
  requireOffered(call, scopes)
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
  await auditBirth(call, token)
  return created(withSecret(impersonationShape(token, unused, call.now), secret))
}

const show = async (call: Call): Promise<Answer> => {
  const token = await named(call)
  return ok(impersonationShape(token, await useOf(call, 'access-token', token), call.now))
}

const revoke = async (call: Call): Promise<Answer> => {
  const token = await named(call)
  refuseModified(call, token.created_at)
  const story = await tokenStory(call, token.user_id)
  await revokeToken(call.parts.store, token, call.now)
  story.ended(token)
  return noContent
}

/** As for all that is read below `/users` (gitlab `lib/api/users.rb`, `allow_access_with_scope`). */
const scopes = ['read_user']

/** Tokens by which an administrator acts in a user's name; the user neither sees nor ends them. */
export const impersonationTokenRoutes: readonly Route[] = [
  route('GET', '/users/:user_id/impersonation_tokens', {
    scopes,
    input: [byState],
    output: impersonationEntity,
    paged: true,
    handler: listTokens,
  }),
  route('POST', '/users/:user_id/impersonation_tokens', {
    input: [newToken],
    output: newImpersonationEntity,
    handler: create,
  }),
  route('GET', '/users/:user_id/impersonation_tokens/:token_id', {
    scopes,
    output: impersonationEntity,
    handler: show,
  }),
  route('DELETE', '/users/:user_id/impersonation_tokens/:token_id', { handler: revoke }),
]
