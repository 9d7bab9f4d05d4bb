import type { Selectable } from 'kysely'
import type { MemberLevel } from '../core/access-level.ts'
import { dayHasCome } from '../core/clock.ts'
import type { InvitationId, UserId } from '../core/ids.ts'
import { beforeItsDay } from './in-force.ts'
import { instantOf } from './instant.ts'
import { addMember, columnsOf, type Home, type MemberHome } from './members.ts'
import { lineageIds } from './namespaces.ts'
import type { Reader, Writer } from './routes.ts'
import type { InvitationsTable } from './schema.ts'
import type { Account } from './users.ts'

/** Open invitations of one group or project. */
const mostInvitations = 1000

export interface Invitation extends Selectable<InvitationsTable> {
  /** Display name of whoever invited; null once that user is gone. */
  readonly inviter: string | null
}

/** Those that still stand: on the day it names an invitation is over, as a membership would be. */
export const selectInvitations = (reader: Reader, { kind, id }: Home, now: number) =>
  reader
    .selectFrom('invitations')
    .selectAll('invitations')
    .select((from) =>
      from.selectFrom('users').whereRef('users.id', '=', 'invitations.created_by').select('users.name').as('inviter'),
    )
    .where(kind === 'group' ? 'invitations.namespace_id' : 'invitations.project_id', '=', id)
    .where(beforeItsDay('invitations.expires_at', now))

export const findInvitation = (reader: Reader, place: Home, email: string, now: number): Promise<Invitation | undefined> =>
  selectInvitations(reader, place, now).where('invitations.email_key', '=', email.toLowerCase()).executeTakeFirst()

export interface NewInvitation {
  readonly email: string
  readonly level: MemberLevel
  readonly expiresAt: string | undefined
  readonly by: UserId
}

const isFull = async (transaction: Writer, place: Home, now: number): Promise<boolean> => {
  const rows = await selectInvitations(transaction, place, now).limit(mostInvitations).execute()
  return rows.length === mostInvitations
}

/** Invites whoever will have this address. An invitation that is over is no obstacle. */
export const invite = async (
  transaction: Writer,
  place: Home,
  { email, level, expiresAt, by }: NewInvitation,
  now: number,
): Promise<InvitationId | 'exists' | 'full'> => {
  if ((await findInvitation(transaction, place, email, now)) !== undefined) return 'exists'
  if (await isFull(transaction, place, now)) return 'full'
  await transaction
    .deleteFrom('invitations')
    .where(place.kind === 'group' ? 'namespace_id' : 'project_id', '=', place.id)
    .where('email_key', '=', email.toLowerCase())
    .execute()
  const { id } = await transaction
    .insertInto('invitations')
    .values({
      ...columnsOf(place),
      email,
      email_key: email.toLowerCase(),
      access_level: level,
      expires_at: expiresAt ?? null,
      created_by: by,
      created_at: instantOf(now),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export const changeInvitation = async (
  transaction: Writer,
  id: InvitationId,
  change: Partial<Pick<Invitation, 'access_level' | 'expires_at'>>,
): Promise<void> => {
  await transaction.updateTable('invitations').set(change).where('id', '=', id).execute()
}

export const removeInvitation = async (transaction: Writer, id: InvitationId): Promise<void> => {
  await transaction.deleteFrom('invitations').where('id', '=', id).execute()
}

const homeOf = async (
  transaction: Writer,
  { namespace_id, project_id }: Pick<Invitation, 'namespace_id' | 'project_id'>,
): Promise<MemberHome | undefined> => {
  const namespace = await transaction
    .selectFrom('namespaces')
    .select('lineage')
    .where('id', '=', (from) =>
      namespace_id === null
        ? from.selectFrom('projects').select('namespace_id').where('projects.id', '=', project_id)
        : from.val(namespace_id),
    )
    .executeTakeFirst()
  const namespaces = lineageIds(namespace?.lineage ?? '')
  if (namespace_id !== null) return { kind: 'group', id: namespace_id, namespaces }
  return project_id === null ? undefined : { kind: 'project', id: project_id, namespaces }
}

/**
 * What was waiting for a person's address, which an administrator gave it, becomes memberships. The address of an account
 * for a machine is whatever the Owners of its group say: nobody was invited by that.
 * @returns where the person was no member before
 */
export const claimInvitations = async (
  transaction: Writer,
  user: Pick<Account, 'id' | 'email' | 'kind'>,
  now: number,
): Promise<readonly Home[]> => {
  if (user.kind !== 'human') return []
  const joined: Home[] = []
  const waiting = await transaction
    .deleteFrom('invitations')
    .where('email_key', '=', user.email.toLowerCase())
    .returningAll()
    .execute()
  for (const invitation of waiting) {
    const home = await homeOf(transaction, invitation)
    const isOver = invitation.expires_at !== null && dayHasCome(invitation.expires_at, now)
    if (home === undefined || isOver) continue
    const member = {
      user: user.id,
      level: invitation.access_level,
      expiresAt: invitation.expires_at ?? undefined,
      addedBy: invitation.created_by ?? user.id,
    }
    if ((await addMember(transaction, home, member, now)) === 'added') joined.push(home)
  }
  return joined
}
