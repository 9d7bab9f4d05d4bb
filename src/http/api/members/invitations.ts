import { z } from 'zod'
import { type MemberLevel, memberLevels } from '../../../core/access-level.ts'
import type { UserId } from '../../../core/ids.ts'
import {
  changeInvitation,
  findInvitation,
  type Invitation,
  invite,
  removeInvitation,
  selectInvitations,
} from '../../../store/invitations.ts'
import { userByEmail, userById } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { notFound, parameterError, plainBadRequest } from '../errors.ts'
import { day, list, oneNumberOf, optional, text } from '../input.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { isEmail } from '../users/user-input.ts'
import { invitationEntity, shapeInvitation } from './invitation-shape.ts'
import { addOne, refusePast, severalEntity, tellWrong } from './member-add.ts'
import { aboutInvitation } from './member-audit.ts'
import { type MemberPlace, type MemberPlaces, memberPlaces, refuseLevelAbove, refuseUnlessManager } from './member-home.ts'

type Handler = (call: Call, place: MemberPlace) => Promise<Answer>

const newInvitation = z.object({
  email: optional(list(text())),
  user_id: optional(list(text(15))),
  access_level: oneNumberOf(memberLevels),
  expires_at: optional(day()),
})

type Input = z.output<typeof newInvitation>

const withoutAnyone = 'email, user_id are missing, at least one parameter must be provided'

const inviteAddress = async (call: Call, place: MemberPlace, email: string, input: Input): Promise<string | undefined> => {
  if (!isEmail(email)) return 'Invite email is invalid'
  const known = await userByEmail(call.parts.store.read, email)
  // The address of an account for a machine is no proof of anything: the Owners of its group chose it.
  if (known?.kind === 'human' && known.confirmed_at !== null) return addKnown(call, place, known.id, input)
  const invitation = { email, level: input.access_level, expiresAt: input.expires_at, by: requireUser(call.caller).user.id }
  const outcome = await call.parts.store.write
    .transaction()
    .execute((transaction) => invite(transaction, place.home, invitation, call.now))
  if (outcome === 'exists') return 'Invite email has already been taken'
  if (outcome === 'full') return 'There are too many open invitations'
  call.audit({ name: 'member_created', ...aboutInvitation(place, outcome, email), message: 'Invited by e-mail' })
  return undefined
}

/** Who has an account already is a member at once. */
const addKnown = (call: Call, place: MemberPlace, id: UserId, input: Input): Promise<string | undefined> =>
  tellWrong(async () => {
    await addOne(call, place, await userById(call.parts.store.read, id), input)
  })

const addNumber = async (call: Call, place: MemberPlace, word: string, input: Input): Promise<string | undefined> =>
  /^\d{1,15}$/.test(word) ? addKnown(call, place, Number(word) as UserId, input) : 'User ID is invalid'

/** As in GitLab, the answer is 201 whatever came of it; what went wrong is told by address or number. */
const add: Handler = async (call, place) => {
  refuseUnlessManager(place)
  const input = call.read(newInvitation)
  const { email = [], user_id = [] } = input
  if (email.length + user_id.length === 0) throw parameterError(withoutAnyone)
  refuseLevelAbove(place, input.access_level)
  refusePast(call, input.expires_at)
  const wrong: Record<string, string> = {}
  const note = (word: string, problem: string | undefined): void => {
    if (problem !== undefined) wrong[word] = problem
  }
  for (const address of new Set(email)) note(address, await inviteAddress(call, place, address, input))
  for (const word of new Set(user_id)) note(word, await addNumber(call, place, word, input))
  return created(Object.keys(wrong).length === 0 ? { status: 'success' } : { status: 'error', message: wrong })
}

const filters = z.object({ query: optional(text()) })

const listAll: Handler = async (call, { home, ...place }) => {
  refuseUnlessManager({ home, ...place })
  const { query } = call.read(filters)
  const all = selectInvitations(call.parts.store.read, home, call.now)
  const found = query === undefined ? all : all.where('invitations.email_key', '=', query.toLowerCase())
  return paginate(call, found.orderBy('invitations.id'), (rows: Invitation[]) => rows.map(shapeInvitation))
}

const find = async (call: Call, place: MemberPlace): Promise<Invitation> => {
  refuseUnlessManager(place)
  const invitation = await findInvitation(call.parts.store.read, place.home, call.word('email'), call.now)
  if (invitation === undefined) throw notFound()
  refuseLevelAbove(place, invitation.access_level)
  return invitation
}

const changeInput = z.object({
  access_level: optional(oneNumberOf(memberLevels)),
  expires_at: z.preprocess((value) => (value === '' ? null : value), day().nullable().optional()),
})

const change: Handler = async (call, place) => {
  const invitation = await find(call, place)
  const { access_level, expires_at } = call.read(changeInput)
  if (access_level === undefined && expires_at === undefined) throw plainBadRequest()
  if (access_level !== undefined) refuseLevelAbove(place, access_level)
  refusePast(call, expires_at ?? undefined)
  const given: { access_level?: MemberLevel; expires_at?: string | null } = {
    ...(access_level !== undefined && { access_level }),
    ...(expires_at !== undefined && { expires_at }),
  }
  await call.parts.store.write.transaction().execute((transaction) => changeInvitation(transaction, invitation.id, given))
  const about = aboutInvitation(place, invitation.id, invitation.email)
  call.audit({ name: 'member_updated', ...about, message: 'Changed an invitation' })
  return ok(shapeInvitation({ ...invitation, ...given }))
}

const remove: Handler = async (call, place) => {
  const invitation = await find(call, place)
  refuseModified(call, invitation.created_at)
  await call.parts.store.write.transaction().execute((transaction) => removeInvitation(transaction, invitation.id))
  const about = aboutInvitation(place, invitation.id, invitation.email)
  call.audit({ name: 'member_destroyed', ...about, message: 'Took an invitation back' })
  return noContent
}

const routesOf = (places: MemberPlaces): readonly Route[] => {
  const at = (handler: Handler) => async (call: Call) => handler(call, await memberPlaces[places](call))
  const path = `/${places}/:id/invitations`
  return [
    route('GET', path, { input: [filters], output: invitationEntity, paged: true, handler: at(listAll) }),
    route('POST', path, { input: [newInvitation], output: severalEntity, handler: at(add) }),
    route('PUT', `${path}/:email`, { input: [changeInput], output: invitationEntity, handler: at(change) }),
    route('DELETE', `${path}/:email`, { handler: at(remove) }),
  ]
}

/** Memberships for those who have no account yet (gitlab `lib/api/invitations.rb`). No mail is sent: the inviter tells them. */
export const invitationRoutes: readonly Route[] = [...routesOf('projects'), ...routesOf('groups')]
