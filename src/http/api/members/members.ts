import { z } from 'zod'
import { accessLevels, memberLevels } from '../../../core/access-level.ts'
import type { UserId } from '../../../core/ids.ts'
import {
  allMembers,
  directMembers,
  type Member,
  type MemberFilter,
  removeMember,
  removeMembersBelow,
  updateMember,
} from '../../../store/members.ts'
import { type Answer, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { isAdministrator, requireUser } from '../caller.ts'
import { forbidden, parameterError, plainNotFound, tooMuch } from '../errors.ts'
import { day, flag, list, oneNumberOf, oneOf, optional, text, whole } from '../input.ts'
import { pageHeaders, pageOf } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { add, addedEntity, newMember, refuseBelowInherited, refusePast } from './member-add.ts'
import { memberChanges, memberDestroyed } from './member-audit.ts'
import { type MemberPlace, type MemberPlaces, memberPlaces, refuseLevelAbove, refuseUnlessManager } from './member-home.ts'
import { memberEntity, shapeMember, shapeMembers } from './member-shape.ts'

type Handler = (call: Call, place: MemberPlace) => Promise<Answer>
type Source = typeof directMembers

const filterInput = z.object({
  query: optional(text()),
  user_ids: optional(list(whole())),
  state: optional(oneOf(['awaiting', 'active'])),
})

const listFrom =
  (source: Source): Handler =>
  async (call, { home }) => {
    const { query, user_ids, state } = call.read(filterInput)
    const byEmail = isAdministrator(call.caller)
    const filter: MemberFilter = { query, byEmail, userIds: user_ids as UserId[] | undefined }
    // Nobody waits: who is a member is one at once.
    const members = state === 'awaiting' ? [] : await source(call.parts.store.read, home, call.now, filter)
    const page = pageOf(call)
    const start = (page.number - 1) * page.size
    const shown = await shapeMembers(call, members.slice(start, start + page.size))
    return ok(shown, pageHeaders(call, page, members.length > start + page.size, members.length))
  }

const userWord = (call: Call): UserId => {
  const word = call.word('user_id')
  if (!/^\d{1,15}$/.test(word)) throw parameterError('user_id is invalid')
  return Number(word) as UserId
}

const find = async (call: Call, { home }: MemberPlace, source: Source): Promise<Member> => {
  const filter = { query: undefined, userIds: [userWord(call)] }
  const [member] = await source(call.parts.store.read, home, call.now, filter)
  if (member === undefined) throw plainNotFound('404 Not found')
  return member
}

const getFrom =
  (source: Source): Handler =>
  async (call, place) =>
    ok(await shapeMember(call, await find(call, place, source)))

const changeInput = z.object({
  access_level: oneNumberOf(memberLevels),
  expires_at: z.preprocess((value) => (value === '' ? null : value), day().nullable().optional()),
})

/** The user of a personal namespace stays Owner of what stands in it. */
const refuseLandlord = ({ landlord }: MemberPlace, { user_id }: Member): void => {
  if (landlord === user_id) throw forbidden()
}

const change: Handler = async (call, place) => {
  refuseUnlessManager(place)
  const { access_level, expires_at } = call.read(changeInput)
  const member = await find(call, place, directMembers)
  refuseLevelAbove(place, member.access_level)
  refuseLevelAbove(place, access_level)
  refusePast(call, expires_at ?? undefined)
  if (access_level !== accessLevels.owner) refuseLandlord(place, member)
  await refuseBelowInherited(call, place, member.user_id, access_level)
  const columns = expires_at === undefined ? { access_level } : { access_level, expires_at }
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => updateMember(transaction, place.home, member, columns, call.now))
  if (outcome === 'last-owner') throw forbidden()
  call.audit(...memberChanges(place, member, { ...member, ...columns }))
  return ok(await shapeMember(call, { ...member, ...columns }))
}

/** Anyone may leave; to remove others takes a manager whose role is not below theirs. */
const refuseRemoval = (place: MemberPlace, member: Member): void => {
  refuseLandlord(place, member)
  if (place.standing.user?.id === member.user_id) return
  refuseUnlessManager(place)
  refuseLevelAbove(place, member.access_level)
}

/** So that nobody who has taken over an account empties a group at once. */
const refuseHaste = async ({ parts, caller }: Call, { home }: MemberPlace): Promise<void> => {
  const { user } = requireUser(caller)
  if (await parts.throttles.isRemovalTooMuch(`${home.kind}:${home.id}`, user.id)) throw tooMuch()
}

const removalInput = z.object({ skip_subresources: optional(flag()) })

const remove: Handler = async (call, place) => {
  const { skip_subresources } = call.read(removalInput)
  await refuseHaste(call, place)
  const member = await find(call, place, directMembers)
  refuseRemoval(place, member)
  refuseModified(call, member.updated_at ?? member.created_at)
  const outcome = await call.parts.store.write.transaction().execute(async (transaction) => {
    const removed = await removeMember(transaction, place.home, member, call.now)
    if (removed === 'removed' && place.home.kind === 'group' && skip_subresources !== true) {
      await removeMembersBelow(transaction, place.lineage, member.user_id)
    }
    return removed
  })
  if (outcome === 'last-owner') throw forbidden()
  call.audit(memberDestroyed(place, { id: member.user_id, username: member.username }, member.access_level))
  return noContent
}

const ofMany = { input: [filterInput], output: memberEntity, paged: true } as const

const routesOf = (places: MemberPlaces): readonly Route[] => {
  const at = (handler: Handler) => ({
    handler: async (call: Call) => handler(call, await memberPlaces[places](call)),
  })
  const path = `/${places}/:id/members`
  const of = places === 'projects' ? 'project' : 'group'
  return [
    route('GET', path, { ...ofMany, ...at(listFrom(directMembers)) }),
    route('GET', `${path}/all`, { ...ofMany, summary: `List members of a ${of}, also inherited`, ...at(listFrom(allMembers)) }),
    route('GET', `${path}/all/:user_id`, {
      output: memberEntity,
      summary: `Show member of a ${of}, also inherited`,
      ...at(getFrom(allMembers)),
    }),
    route('GET', `${path}/:user_id`, { output: memberEntity, ...at(getFrom(directMembers)) }),
    route('POST', path, { input: [newMember], output: addedEntity, ...at(add) }),
    route('PUT', `${path}/:user_id`, { input: [changeInput], output: memberEntity, ...at(change) }),
    route('DELETE', `${path}/:user_id`, { input: [removalInput], ...at(remove) }),
  ]
}

export const memberRoutes: readonly Route[] = [...routesOf('projects'), ...routesOf('groups')]
