import { z } from 'zod'
import type { AccessTokenId, UserId } from '../../../core/ids.ts'
import { revokeToken, selectTokens, type TokenRow, tokenById } from '../../../store/access-tokens.ts'
import { userById } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser, type SignedIn } from '../caller.ts'
import { notFound, plainBadRequest, plainNotFound, unauthorized } from '../errors.ts'
import { numberIn, optional, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { accountOf } from '../users/users.ts'
import { giveToken } from './account-token.ts'
import { unused, useOf, usesOf } from './last-use.ts'
import { tokenStory } from './token-audit.ts'
import { newTokenFields, scopeList } from './token-input.ts'
import { filterTokens, tokenFilters } from './token-list.ts'
import { newTokenEntity, readTokenEntity, readTokenShape, tokenShape, withSecret } from './token-shape.ts'

const ofUser = z.object({ user_id: optional(whole()) })

/** Whose tokens an administrator asks for; a user that is named but is not there is not found, as is an empty name. */
const namedUser = async (call: Call): Promise<UserId | undefined> => {
  if (!('user_id' in call.parameters)) return undefined
  const { user_id } = call.read(ofUser)
  const account = user_id === undefined ? undefined : await userById(call.parts.store.read, user_id as UserId)
  if (account === undefined) throw notFound()
  return account.id
}

/** Administrators see all tokens, of bots and for impersonation too; others their own, without the latter. */
const visibleTokens = async (call: Call, caller: SignedIn) => {
  const all = selectTokens(call.parts.store.read)
  if (caller.isAdmin) {
    const user = await namedUser(call)
    return user === undefined ? all : all.where('access_tokens.user_id', '=', user)
  }
  const { user_id } = call.read(ofUser)
  if (user_id !== undefined && user_id !== caller.user.id) throw unauthorized('other_users_tokens')
  return all.where('access_tokens.user_id', '=', caller.user.id).where('access_tokens.impersonation', '=', 0)
}

const listTokens = async (call: Call): Promise<Answer> => {
  const filter = call.read(tokenFilters)
  const query = await visibleTokens(call, requireUser(call.caller))
  await call.parts.activity.usage.settled()
  return paginate(call, filterTokens(query, filter, call.now), async (rows) => {
    const use = await usesOf(call, 'access-token', rows)
    return rows.map((row) => readTokenShape(row, use(row), call.now))
  })
}

/** A user's own tokens but for those that an administrator made to act in its name. */
export const mayHandleToken = (caller: SignedIn, token: TokenRow): boolean =>
  caller.isAdmin || (token.user_id === caller.user.id && token.impersonation === 0)

const named = (call: Call): Promise<TokenRow | undefined> =>
  tokenById(call.parts.store.read, numberIn(call.word('id'), 'id') as AccessTokenId)

const shapeOf = async (call: Call, token: TokenRow) => readTokenShape(token, await useOf(call, 'access-token', token), call.now)

/** Only administrators are told that there is no such token. */
const show = async (call: Call): Promise<Answer> => {
  const caller = requireUser(call.caller)
  const token = await named(call)
  if (token !== undefined && mayHandleToken(caller, token)) return ok(await shapeOf(call, token))
  throw caller.isAdmin ? notFound() : unauthorized('token_of_another')
}

const revoke = async (call: Call, token: TokenRow | undefined): Promise<Answer> => {
  const caller = requireUser(call.caller)
  if (token === undefined) throw plainNotFound('404 Not found')
  if (!mayHandleToken(caller, token)) throw plainBadRequest()
  const story = await tokenStory(call, token.user_id)
  await revokeToken(call.parts.store, token, call.now)
  story.ended(token)
  return noContent
}

const own = async (call: Call): Promise<TokenRow> => {
  const { tokenId } = requireUser(call.caller)
  const token = tokenId === undefined ? undefined : await tokenById(call.parts.store.read, tokenId)
  if (token === undefined) throw unauthorized('credential_unknown')
  return token
}

const newToken = z.object({ ...newTokenFields, scopes: scopeList() })

const create = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const wishes = call.read(newToken)
  const { token, secret } = await giveToken(call, await accountOf(call, 'user_id'), wishes, 400)
  return created(withSecret(tokenShape(token, unused, call.now), secret))
}

/** gitlab `lib/api/personal_access_tokens.rb`. A token may look at and end itself, whatever its scopes. */
export const personalAccessTokenRoutes: readonly Route[] = [
  route('GET', '/personal_access_tokens', {
    input: [tokenFilters, ofUser],
    output: readTokenEntity,
    paged: true,
    handler: listTokens,
  }),
  route('GET', '/personal_access_tokens/self', {
    scopes: 'any',
    output: readTokenEntity,
    handler: async (call) => ok(await shapeOf(call, await own(call))),
  }),
  route('DELETE', '/personal_access_tokens/self', { scopes: 'any', handler: async (call) => revoke(call, await own(call)) }),
  route('GET', '/personal_access_tokens/:id', { output: readTokenEntity, handler: show }),
  route('DELETE', '/personal_access_tokens/:id', { handler: async (call) => revoke(call, await named(call)) }),
  route('POST', '/users/:user_id/personal_access_tokens', { input: [newToken], output: newTokenEntity, handler: create }),
]
