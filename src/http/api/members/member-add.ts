import { z } from 'zod'
import { type MemberLevel, memberLevelNames, memberLevels } from '../../../core/access-level.ts'
import { dayOf } from '../../../core/clock.ts'
import type { UserId } from '../../../core/ids.ts'
import { addMember, allMembers, directMembers } from '../../../store/members.ts'
import { namespaceById } from '../../../store/namespaces.ts'
import { type Account, userById, userByName } from '../../../store/users.ts'
import { type Answer, created } from '../answer.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { words } from '../entity-words.ts'
import { ApiError, conflict, notFound, parameterError, validation } from '../errors.ts'
import { day, oneNumberOf, optional, text } from '../input.ts'
import { memberCreated } from './member-audit.ts'
import { type MemberPlace, refuseLevelAbove, refuseUnlessManager } from './member-home.ts'
import { memberEntity, shapeMember } from './member-shape.ts'

/** At most so many users in one request. */
const mostUsers = 100

export const newMember = z.object({
  user_id: optional(text(2000)),
  username: optional(text(2000)),
  access_level: oneNumberOf(memberLevels),
  expires_at: optional(day()),
})

type Input = z.infer<typeof newMember>

const withoutUser = 'user_id, username are missing, at least one parameter must be provided'

/** The words that name users: numbers, or usernames. */
const named = ({ user_id, username }: Input): { readonly words: readonly string[]; readonly byId: boolean } => {
  if (user_id !== undefined && username !== undefined) throw parameterError('user_id, username are mutually exclusive')
  const given = user_id ?? username
  if (given === undefined) throw parameterError(withoutUser)
  const words = given.split(',').map((word) => word.trim())
  if (words.length > mostUsers) throw parameterError(`user_id is too long (maximum is ${mostUsers} users)`)
  if (user_id !== undefined && !words.every((word) => /^\d{1,15}$/.test(word))) throw parameterError('user_id is invalid')
  return { words, byId: user_id !== undefined }
}

/** A day that has gone by is refused, as GitLab does for memberships; today is taken, and is over at once. */
export const refusePast = (call: Call, expiresAt: string | undefined): void => {
  if (expiresAt !== undefined && expiresAt < dayOf(call.now)) {
    throw validation({ expires_at: ['cannot be a date in the past'] })
  }
}

/** A role below the one that is inherited would mean nothing (gitlab `Member`, `higher_access_level_than_group`). */
export const refuseBelowInherited = async (call: Call, place: MemberPlace, user: UserId, level: MemberLevel) => {
  const { read } = call.parts.store
  const isElsewhere = (row: { namespace_id: number | null }): boolean =>
    row.namespace_id !== null && (place.home.kind === 'project' || row.namespace_id !== place.home.id)
  const above = place.home.kind === 'group' ? place.home.namespaces.slice(0, -1) : place.home.namespaces
  const nearest = above.at(-1)
  if (nearest === undefined) return
  const rows = await allMembers(read, { kind: 'group', id: nearest, namespaces: above }, call.now, {
    query: undefined,
    userIds: [user],
  })
  const inherited = rows.find(isElsewhere)
  if (inherited === undefined || inherited.access_level <= level || inherited.namespace_id === null) return
  const group = await namespaceById(read, inherited.namespace_id)
  const text = `should be greater than or equal to ${memberLevelNames[inherited.access_level]} inherited membership from group ${group?.name}`
  throw validation({ access_level: [text] })
}

const refuseAccount = (account: Account, place: MemberPlace): void => {
  if (account.kind !== 'project_bot') return
  const belongs =
    place.home.kind === 'project' ? account.bot_project_id === place.home.id : account.bot_group_id === place.home.id
  if (!belongs) throw validation({ user: ['project bots cannot be added to other groups / projects'] })
}

type Terms = Pick<Input, 'access_level' | 'expires_at'>

/** Adds one user. Throws 404, 400 and 409 where that cannot be. */
export const addOne = async (
  call: Call,
  place: MemberPlace,
  account: Account | undefined,
  { access_level, expires_at }: Terms,
) => {
  if (account === undefined || account.kind === 'ghost') throw notFound('User')
  refuseAccount(account, place)
  await refuseBelowInherited(call, place, account.id, access_level)
  const member = {
    user: account.id,
    level: access_level,
    expiresAt: expires_at,
    addedBy: requireUser(call.caller).user.id,
  }
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => addMember(transaction, place.home, member, call.now))
  if (outcome === 'exists') throw conflict('Member already exists')
  call.audit(memberCreated(place, account, access_level))
  return account.id
}

const accountOf = (call: Call, word: string, byId: boolean): Promise<Account | undefined> =>
  byId ? userById(call.parts.store.read, Number(word) as UserId) : userByName(call.parts.store.read, word)

const sentence = (error: ApiError): string => {
  const { body } = error
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : body
  return typeof message === 'string' ? message : JSON.stringify(message)
}

/** What is told where several were named: of those who were not added, why. */
export const severalEntity = z
  .object({ status: z.enum(['success', 'error']), message: z.record(words, words).optional() })
  .meta({ id: 'SeveralMembers' })

export const addedEntity = z.union([memberEntity, severalEntity])

/** What a refusal says, for an answer that tells of several; undefined where all went well. */
export const tellWrong = async (act: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await act()
    return undefined
  } catch (refusal) {
    if (!(refusal instanceof ApiError)) throw refusal
    return sentence(refusal)
  }
}

/** Several at once: each that can be added is; what went wrong with the others is told by name (GitLab answers 201 too). */
const addSeveral = async (call: Call, place: MemberPlace, words: readonly string[], byId: boolean, given: Input) => {
  const wrong: Record<string, string> = {}
  for (const word of words) {
    const problem = await tellWrong(async () => addOne(call, place, await accountOf(call, word, byId), given))
    if (problem !== undefined) wrong[word] = problem
  }
  return created(Object.keys(wrong).length === 0 ? { status: 'success' } : { status: 'error', message: wrong })
}

/** `POST …/members` */
export const add = async (call: Call, place: MemberPlace): Promise<Answer> => {
  refuseUnlessManager(place)
  const given = call.read(newMember)
  refuseLevelAbove(place, given.access_level)
  refusePast(call, given.expires_at)
  const { words, byId } = named(given)
  if (words.length > 1) return addSeveral(call, place, words, byId, given)
  const user = await addOne(call, place, await accountOf(call, words[0] ?? '', byId), given)
  const filter = { query: undefined, userIds: [user] }
  const [member] = await directMembers(call.parts.store.read, place.home, call.now, filter)
  if (member === undefined) return created({ status: 'success' })
  return created(await shapeMember(call, member))
}
