import { z } from 'zod'
import { mayHandleLevel } from '../../../access/policy.ts'
import type { AccessTokenId } from '../../../core/ids.ts'
import type { Secret } from '../../../core/secret.ts'
import { type TokenRow, tokenById } from '../../../store/access-tokens.ts'
import { type BotHome, resourceTokenById } from '../../../store/bots.ts'
import { rotateToken } from '../../../store/token-rotation.ts'
import { userById } from '../../../store/users.ts'
import { expiryOfRotated } from '../../../tokens/lifetime.ts'
import { makeToken } from '../../../tokens/make.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser, type SignedIn } from '../caller.ts'
import { badRequest, methodNotAllowed, notFound, unauthorized } from '../errors.ts'
import { day, numberIn, optional } from '../input.ts'
import { unused } from './last-use.ts'
import { mayHandleToken } from './personal-access-tokens.ts'
import { type Place, placeOf } from './resource-access-tokens.ts'
import { tokenStory } from './token-audit.ts'
import { expiryProblem } from './token-input.ts'
import { newResourceTokenEntity, newTokenEntity, resourceTokenShape, tokenShape, withSecret } from './token-shape.ts'
import { tokenTerms } from './token-terms.ts'

export const rotation = z.object({ expires_at: optional(day()) })

const isOfService = async (call: Call, { user_id }: TokenRow): Promise<boolean> =>
  (await userById(call.parts.store.read, user_id))?.kind === 'service_account'

/** Puts a new token in the place of one that the caller may handle. */
export const rotate = async (call: Call, caller: SignedIn, token: TokenRow): Promise<{ row: TokenRow; secret: Secret }> => {
  const { expires_at } = call.read(rotation)
  const { prefix, life } = await tokenTerms(call, await isOfService(call, token))
  const problem = expiryProblem(expires_at, life, call.now)
  if (problem !== undefined) throw badRequest(`Expiration date ${problem}`)
  const { digest, secret } = makeToken(prefix)
  const successor = {
    digest,
    expiresOn: expires_at ?? expiryOfRotated(life, call.now),
    createdBy: caller.user.id,
    isExternal: caller.account.is_external,
  }
  const row = await rotateToken(call.parts.store, token.id, successor, call.now)
  if (row === 'revoked') throw badRequest('Token already revoked')
  const story = await tokenStory(call, row.user_id)
  story.ended(token)
  story.born(row)
  return { row, secret }
}

/** Only administrators are told that there is no such token. */
const noSuchToken = (caller: SignedIn) => (caller.isAdmin ? notFound() : unauthorized('token_of_another'))

const rotatePersonal = async (call: Call): Promise<Answer> => {
  const caller = requireUser(call.caller)
  const token = await tokenById(call.parts.store.read, numberIn(call.word('id'), 'id') as AccessTokenId)
  if (token === undefined || !mayHandleToken(caller, token)) throw noSuchToken(caller)
  const { row, secret } = await rotate(call, caller, token)
  return ok(withSecret(tokenShape(row, unused, call.now), secret))
}

const rotateSelf = async (call: Call): Promise<Answer> => {
  const caller = requireUser(call.caller)
  const token = caller.tokenId === undefined ? undefined : await tokenById(call.parts.store.read, caller.tokenId)
  if (token === undefined || token.user_id !== caller.user.id) throw unauthorized('token_of_another')
  const { row, secret } = await rotate(call, caller, token)
  return ok(withSecret(tokenShape(row, unused, call.now), secret))
}

const tooHigh = 'Not eligible to rotate token with access level higher than the user'

const rotateIn = async (call: Call, { home, standing }: Pick<Place, 'home' | 'standing'>, id: AccessTokenId | undefined) => {
  const caller = requireUser(call.caller)
  const token = id === undefined ? undefined : await resourceTokenById(call.parts.store.read, home, id)
  if (token === undefined) throw noSuchToken(caller)
  if (!mayHandleLevel(standing, token.access_level ?? 0)) throw badRequest(tooHigh)
  const { row, secret } = await rotate(call, caller, token)
  return ok(withSecret(resourceTokenShape({ ...row, access_level: token.access_level }, home, unused, call.now), secret))
}

const rotateResource =
  (kind: BotHome['kind']) =>
  async (call: Call): Promise<Answer> => {
    const place = await placeOf[kind](call)
    if (!place.allowed) throw unauthorized('permission_missing')
    const word = call.word('token_id')
    return rotateIn(call, place, /^\d{1,15}$/.test(word) ? (Number(word) as AccessTokenId) : undefined)
  }

/** A bot renews its own token, whatever its role; nobody else has one here (gitlab `…/resource_access_tokens/self_rotation.rb`). */
const rotateOwnResource =
  (kind: BotHome['kind']) =>
  async (call: Call): Promise<Answer> => {
    const { user, actingFor, tokenId } = requireUser(call.caller)
    if (user.kind !== 'project_bot') throw methodNotAllowed()
    const place = await placeOf[kind](call)
    return rotateIn(call, place, actingFor === undefined ? tokenId : undefined)
  }

/** By scope `self_rotate` too. A token that was rotated away and comes here again ends its successors. */
const self = { scopes: ['self_rotate'], rotates: true, status: 200, input: [rotation] } as const

const other = { rotates: true, status: 200, input: [rotation] } as const

const ofResource = (kind: BotHome['kind']): readonly Route[] => [
  route('POST', `/${kind}s/:id/access_tokens/self/rotate`, {
    ...self,
    output: newResourceTokenEntity,
    handler: rotateOwnResource(kind),
  }),
  route('POST', `/${kind}s/:id/access_tokens/:token_id/rotate`, {
    ...other,
    output: newResourceTokenEntity,
    handler: rotateResource(kind),
  }),
]

/** gitlab `lib/api/personal_access_tokens.rb`, `…/self_rotation.rb`, `lib/api/resource_access_tokens.rb`. */
export const tokenRotationRoutes: readonly Route[] = [
  route('POST', '/personal_access_tokens/self/rotate', { ...self, output: newTokenEntity, handler: rotateSelf }),
  route('POST', '/personal_access_tokens/:id/rotate', { ...other, output: newTokenEntity, handler: rotatePersonal }),
  ...ofResource('project'),
  ...ofResource('group'),
]
