import type { Member } from '../../store/members.ts'
import type { Call } from './call.ts'
import { briefUser, briefUsers, type UserBrief } from './user-brief.ts'

const shape = (call: Call, member: Member, addedBy: UserBrief | undefined) => ({
  ...briefUser(call, { id: member.user_id, username: member.username, name: member.name, state: member.state }),
  access_level: member.access_level,
  created_at: member.created_at,
  ...(addedBy && { created_by: addedBy }),
  expires_at: member.expires_at,
  membership_state: 'active',
})

/** Members with those who added them (gitlab `API::Entities::Member`). `id` is the user's. */
export const shapeMembers = async (call: Call, members: readonly Member[]): Promise<unknown[]> => {
  const adders = await briefUsers(
    call,
    members.flatMap((member) => member.created_by ?? []),
  )
  return members.map((member) => shape(call, member, member.created_by === null ? undefined : adders.get(member.created_by)))
}

export const shapeMember = async (call: Call, member: Member): Promise<unknown> => (await shapeMembers(call, [member]))[0]
