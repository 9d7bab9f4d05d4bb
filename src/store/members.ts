import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { accessLevels, type MemberLevel } from '../core/access-level.ts'
import { dayOf } from '../core/clock.ts'
import type { MemberId, NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import type { UserKind, UserState } from '../core/principal.ts'
import { beforeItsDay } from './in-force.ts'
import { instantOf } from './instant.ts'
import { atOrBelow } from './namespaces.ts'
import type { Reader, Writer } from './routes.ts'
import type { Schema } from './schema.ts'
import { contains } from './search.ts'

/** A group or project of which one can be a member. */
export type Home = { readonly kind: 'group'; readonly id: NamespaceId } | { readonly kind: 'project'; readonly id: ProjectId }

/** The same with the ids of the namespaces from the root down to it. */
export type MemberHome = Home & { readonly namespaces: readonly NamespaceId[] }

export interface Member {
  readonly id: MemberId
  readonly namespace_id: NamespaceId | null
  readonly project_id: ProjectId | null
  readonly user_id: UserId
  readonly access_level: MemberLevel
  readonly expires_at: string | null
  readonly created_at: string
  readonly updated_at: string | null
  readonly created_by: UserId | null
  readonly username: string
  readonly name: string
  readonly email: string
  readonly state: UserState
  readonly kind: UserKind
}

export interface MemberFilter {
  /** Part of a name or username. */
  readonly query: string | undefined
  /** Whether `query` may be a whole e-mail address as well: only for those who may know everyone's. */
  readonly byEmail?: boolean
  readonly userIds: readonly UserId[] | undefined
}

type Rows = ExpressionBuilder<Schema, 'members' | 'users'>

const directly =
  (home: MemberHome) =>
  ({ eb }: Rows): Expression<SqlBool> =>
    home.kind === 'group' ? eb('members.namespace_id', '=', home.id) : eb('members.project_id', '=', home.id)

const anywhere =
  (home: MemberHome) =>
  ({ eb, or }: Rows): Expression<SqlBool> => {
    const inherited = eb('members.namespace_id', 'in', [...home.namespaces])
    return home.kind === 'group' ? inherited : or([inherited, eb('members.project_id', '=', home.id)])
  }

const matching =
  ({ query, userIds, byEmail = false }: MemberFilter) =>
  ({ and, or, eb }: Rows): Expression<SqlBool> =>
    and([
      ...(userIds ? [eb('users.id', 'in', [...userIds])] : []),
      ...(query
        ? [
            or([
              contains('username', query),
              contains('users.name', query),
              ...(byEmail ? [eb('email_key', '=', query.toLowerCase())] : []),
            ]),
          ]
        : []),
    ])

const everyone: MemberFilter = { query: undefined, userIds: undefined }

const select = (reader: Reader, now: number, filter: MemberFilter) =>
  reader
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .select(['members.id', 'namespace_id', 'project_id', 'user_id', 'access_level', 'expires_at'])
    .select([
      'members.created_at',
      'members.updated_at',
      'members.created_by',
      'username',
      'users.name',
      'email',
      'state',
      'kind',
    ])
    .where(beforeItsDay('members.expires_at', now))
    .where(matching(filter))

/** Those who were added to this very group or project. */
export const directMembers = (reader: Reader, home: MemberHome, now: number, filter = everyone): Promise<Member[]> =>
  select(reader, now, filter).where(directly(home)).orderBy('members.id').execute()

/** Direct members and those of the groups above; of several memberships of one user the highest. */
export const allMembers = async (reader: Reader, home: MemberHome, now: number, filter = everyone): Promise<Member[]> => {
  const rows = await select(reader, now, filter)
    .where(anywhere(home))
    .orderBy('access_level', 'desc')
    .orderBy('members.id')
    .execute()
  const highest = new Map<UserId, Member>()
  for (const row of rows) if (!highest.has(row.user_id)) highest.set(row.user_id, row)
  return [...highest.values()].sort((one, other) => one.id - other.id)
}

/** Where a row belongs: one of two columns says it. */
export const columnsOf = (home: Home) =>
  home.kind === 'group'
    ? ({ namespace_id: home.id, project_id: null } as const)
    : ({ namespace_id: null, project_id: home.id } as const)

export interface NewMember {
  readonly user: UserId
  readonly level: MemberLevel
  /** `YYYY-MM-DD`. */
  readonly expiresAt: string | undefined
  readonly addedBy: UserId
}

/** Adds a direct member. A membership that has run out is no obstacle: it is gone. */
export const addMember = async (
  transaction: Writer,
  home: MemberHome,
  member: NewMember,
  now: number,
): Promise<'added' | 'exists'> => {
  await transaction
    .deleteFrom('members')
    .where(home.kind === 'group' ? 'namespace_id' : 'project_id', '=', home.id)
    .where('user_id', '=', member.user)
    .where('expires_at', '<=', dayOf(now))
    .execute()
  const columns = home.kind === 'group' ? (['namespace_id', 'user_id'] as const) : (['project_id', 'user_id'] as const)
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('members')
    .values({
      ...columnsOf(home),
      user_id: member.user,
      access_level: member.level,
      expires_at: member.expiresAt ?? null,
      created_by: member.addedBy,
      created_at: instantOf(now),
    })
    .onConflict((conflict) => conflict.columns(columns).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n ? 'added' : 'exists'
}

/** Whether a group would have no Owner left, counting those of the groups above but no bots, without this member. */
const isLastOwner = async (transaction: Writer, home: MemberHome, member: Member, now: number): Promise<boolean> => {
  if (home.kind === 'project' || member.access_level !== accessLevels.owner) return false
  const others = await select(transaction, now, everyone)
    .where(anywhere(home))
    .where('access_level', '=', accessLevels.owner)
    .where('kind', '=', 'human')
    .where('user_id', '!=', member.user_id)
    .limit(1)
    .execute()
  return others.length === 0
}

export type MemberChange = Partial<Pick<Member, 'access_level' | 'expires_at'>>

/** Changes a direct member. The last Owner of a group stays one. */
export const updateMember = async (
  transaction: Writer,
  home: MemberHome,
  member: Member,
  change: MemberChange,
  now: number,
): Promise<'updated' | 'last-owner'> => {
  const lowers = change.access_level !== undefined && change.access_level !== accessLevels.owner
  if (lowers && (await isLastOwner(transaction, home, member, now))) return 'last-owner'
  await transaction
    .updateTable('members')
    .set({ ...change, updated_at: instantOf(now) })
    .where('id', '=', member.id)
    .execute()
  return 'updated'
}

/** Removes a direct member. The last Owner of a group stays. */
export const removeMember = async (
  transaction: Writer,
  home: MemberHome,
  member: Member,
  now: number,
): Promise<'removed' | 'last-owner'> => {
  if (await isLastOwner(transaction, home, member, now)) return 'last-owner'
  await transaction.deleteFrom('members').where('id', '=', member.id).execute()
  return 'removed'
}

/** Takes a user's memberships of everything below a group away too (GitLab does, unless `skip_subresources`). */
export const removeMembersBelow = async (transaction: Writer, lineage: string, user: UserId): Promise<void> => {
  const below = transaction.selectFrom('namespaces').select('id').where(atOrBelow(lineage))
  const projects = transaction.selectFrom('projects').select('id').where('namespace_id', 'in', below)
  await transaction
    .deleteFrom('members')
    .where('user_id', '=', user)
    .where(({ or, eb }) => or([eb('namespace_id', 'in', below), eb('project_id', 'in', projects)]))
    .execute()
}

export type Membership = Pick<Member, 'namespace_id' | 'project_id' | 'access_level'>

/** What one user is directly in some groups and projects. */
export const membershipsOf = (
  reader: Reader,
  user: UserId,
  places: { readonly namespaces: readonly NamespaceId[]; readonly projects: readonly ProjectId[] },
  now: number,
): Promise<Membership[]> =>
  select(reader, now, everyone)
    .where('user_id', '=', user)
    .where(({ or, eb }) => or([eb('namespace_id', 'in', [...places.namespaces]), eb('project_id', 'in', [...places.projects])]))
    .execute()
