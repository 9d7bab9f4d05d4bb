import { type MemberLevel, memberLevelNames } from '../../../core/access-level.ts'
import type { AuditNote } from '../../../core/audit.ts'
import type { InvitationId, UserId } from '../../../core/ids.ts'
import type { Member } from '../../../store/members.ts'
import { changesOf } from '../audit-words.ts'
import type { MemberPlace } from './member-home.ts'

interface Who {
  readonly id: UserId
  readonly username: string
}

const about = ({ entity }: Pick<MemberPlace, 'entity'>, { id, username }: Who) => ({
  entity,
  target: { type: 'User', id, details: username },
})

const role = (from: MemberLevel | undefined, to: MemberLevel | undefined) => ({
  field: 'access_level',
  from: from === undefined ? null : memberLevelNames[from],
  to: to === undefined ? null : memberLevelNames[to],
})

export const memberCreated = (place: Pick<MemberPlace, 'entity'>, who: Who, level: MemberLevel): AuditNote => ({
  name: 'member_created',
  ...about(place, who),
  message: `Membership created as ${memberLevelNames[level]}`,
  change: role(undefined, level),
})

export const memberDestroyed = (place: Pick<MemberPlace, 'entity'>, who: Who, level: MemberLevel): AuditNote => ({
  name: 'member_destroyed',
  ...about(place, who),
  message: 'Membership destroyed',
  change: role(level, undefined),
})

/** One event for the role, and one for the day on which the membership ends. */
export const memberChanges = (
  place: Pick<MemberPlace, 'entity'>,
  before: Member,
  after: Pick<Member, 'access_level' | 'expires_at'>,
): AuditNote[] => {
  const inWords = ({ access_level, expires_at }: Pick<Member, 'access_level' | 'expires_at'>) => ({
    access_level: memberLevelNames[access_level],
    expires_at,
  })
  const names = [
    ['access_level', 'member_updated'],
    ['expires_at', 'member_updated'],
  ] as const
  return changesOf(inWords(before), inWords(after), names, about(place, { id: before.user_id, username: before.username }))
}

/** Of an event about one who is invited, and has no account yet. */
export const aboutInvitation = ({ entity }: Pick<MemberPlace, 'entity'>, id: InvitationId, email: string) => ({
  entity,
  target: { type: 'Invitation', id, details: email },
})
