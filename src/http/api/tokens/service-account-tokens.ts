import { z } from 'zod'
import type { AccessTokenId } from '../../../core/ids.ts'
import { revokeToken, selectTokens, type TokenRow } from '../../../store/access-tokens.ts'
import type { Account } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden, notFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { paginate } from '../pagination.ts'
import { groupServiceAccount } from '../users/group-service-accounts.ts'
import { giveToken } from './account-token.ts'
import { unused, usesOf } from './last-use.ts'
import { tokenStory } from './token-audit.ts'
import { newTokenFields, scopeList } from './token-input.ts'
import { filterTokens, tokenFilters } from './token-list.ts'
import { rotate, rotation } from './token-rotation.ts'
import { newTokenEntity, tokenEntity, tokenShape, withSecret } from './token-shape.ts'

/** Whoever holds a token of an administrator is one: a group's Owners get none, should its account have become one. */
const handled = async (call: Call): Promise<Account> => {
  const account = await groupServiceAccount(call)
  if (account.is_admin === 1 && !requireUser(call.caller).isAdmin) throw forbidden()
  return account
}

const tokensOf = (call: Call, account: Account) =>
  selectTokens(call.parts.store.read).where('access_tokens.user_id', '=', account.id).where('access_tokens.impersonation', '=', 0)

const listTokens = async (call: Call): Promise<Answer> => {
  const account = await handled(call)
  const filter = call.read(tokenFilters)
  await call.parts.activity.usage.settled()
  return paginate(call, filterTokens(tokensOf(call, account), filter, call.now), async (rows: TokenRow[]) => {
    const use = await usesOf(call, 'access-token', rows)
    return rows.map((row) => tokenShape(row, use(row), call.now))
  })
}

const newToken = z.object({ ...newTokenFields, scopes: scopeList() })

const create = async (call: Call): Promise<Answer> => {
  const account = await handled(call)
  const { token, secret } = await giveToken(call, account, call.read(newToken), 422)
  return created(withSecret(tokenShape(token, unused, call.now), secret))
}

const named = async (call: Call, account: Account): Promise<TokenRow | undefined> => {
  const id = numberIn(call.word('token_id'), 'token_id') as AccessTokenId
  return tokensOf(call, account).where('access_tokens.id', '=', id).executeTakeFirst()
}

const revoke = async (call: Call): Promise<Answer> => {
  const account = await handled(call)
  const token = await named(call, account)
  if (token === undefined) throw notFound('Personal Access Token')
  const story = await tokenStory(call, account.id)
  await revokeToken(call.parts.store, token, call.now)
  story.ended(token)
  return noContent
}

const rotateNamed = async (call: Call): Promise<Answer> => {
  const token = await named(call, await handled(call))
  if (token === undefined) throw notFound()
  const { row, secret } = await rotate(call, requireUser(call.caller), token)
  return ok(withSecret(tokenShape(row, unused, call.now), secret))
}

const path = '/groups/:id/service_accounts/:user_id/personal_access_tokens'

/** Tokens of a group's service accounts. Those of the instance's accounts: `/users/:id/personal_access_tokens`. */
export const serviceAccountTokenRoutes: readonly Route[] = [
  route('GET', path, { input: [tokenFilters], output: tokenEntity, paged: true, handler: listTokens }),
  route('POST', path, { input: [newToken], output: newTokenEntity, handler: create }),
  route('DELETE', `${path}/:token_id`, { handler: revoke }),
  route('POST', `${path}/:token_id/rotate`, {
    rotates: true,
    status: 200,
    input: [rotation],
    output: newTokenEntity,
    handler: rotateNamed,
  }),
]
