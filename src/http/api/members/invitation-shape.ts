import { z } from 'zod'
import type { Invitation } from '../../../store/invitations.ts'
import { maybeDay, maybeWords, momentWords, wholeNumber, words } from '../entity-words.ts'

/** gitlab `API::Entities::Invitation`. There is no user yet, and so no name. */
export const invitationEntity = z
  .object({
    id: wholeNumber,
    access_level: wholeNumber,
    created_at: momentWords,
    expires_at: maybeDay,
    invite_email: words,
    user_name: z.null(),
    created_by_name: maybeWords,
  })
  .meta({ id: 'Invitation' })

export const shapeInvitation = (invitation: Invitation): z.output<typeof invitationEntity> => ({
  id: invitation.id,
  access_level: invitation.access_level,
  created_at: invitation.created_at,
  expires_at: invitation.expires_at,
  invite_email: invitation.email,
  user_name: null,
  created_by_name: invitation.inviter,
})
