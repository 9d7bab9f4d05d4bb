import type { z } from 'zod'
import type { Member } from '../../../store/members.ts'
import type { Call } from '../call.ts'
import { maybeDay, momentWords, wholeNumber, words } from '../entity-words.ts'
import { briefUser, briefUsers, type UserBrief, userBriefEntity } from '../users/user-brief.ts'

/** gitlab `API::Entities::Member`. `id` is the user's. */
export const memberEntity = userBriefEntity
  .extend({
    access_level: wholeNumber,
    created_at: momentWords,
    created_by: userBriefEntity.optional(),
    expires_at: maybeDay,
    membership_state: words,
  })
  .meta({ id: 'Member' })

type MemberShape = z.output<typeof memberEntity>

const shape = (call: Call, member: Member, addedBy: UserBrief | undefined): MemberShape => ({
  ...briefUser(call, { id: member.user_id, username: member.username, name: member.name, state: member.state }),
  access_level: member.access_level,
  created_at: member.created_at,
  ...(addedBy && { created_by: addedBy }),
  expires_at: member.expires_at,
  membership_state: 'active',
})

/** Members with those who added them. */
export const shapeMembers = async (call: Call, members: readonly Member[]): Promise<MemberShape[]> => {
  const adders = await briefUsers(
    call,
    members.flatMap((member) => member.created_by ?? []),
  )
  return members.map((member) => shape(call, member, member.created_by === null ? undefined : adders.get(member.created_by)))
}

export const shapeMember = async (call: Call, member: Member): Promise<MemberShape | undefined> =>
  (await shapeMembers(call, [member]))[0]
