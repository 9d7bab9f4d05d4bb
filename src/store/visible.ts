import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { NamespaceId, UserId } from '../core/ids.ts'
import type { User } from '../core/principal.ts'
import { beforeItsDay } from './in-force.ts'
import type { Reader } from './routes.ts'

/** Conditions for lists of projects and groups; they speak of the tables `projects` and `namespaces` of the query. */
type Condition = RawBuilder<SqlBool>

/** For callers to whom nothing of the kind belongs. */
export const noRows: Condition = sql<SqlBool>`1 = 0`
const everything: Condition = sql<SqlBool>`1 = 1`

/** Membership rows of a user that are in force and not below a level. */
const held = (user: UserId, least: number, now: number): RawBuilder<unknown> => sql`members m
  left join namespaces held on held.id = m.namespace_id
  where m.user_id = ${user} and m.access_level >= ${least} and ${beforeItsDay('m.expires_at', now)}`

/** `namespaces` is the held namespace or stands below it. */
const belowHeld = sql`namespaces.lineage >= held.lineage and namespaces.lineage < held.lineage || ':'`

/** Projects in which the user has at least this role, direct or inherited. */
export const projectsOf = (user: UserId, least: number, now: number): Condition =>
  sql<SqlBool>`(namespaces.owner_id = ${user} or exists (select 1 from ${held(user, least, now)}
    and (m.project_id = projects.id or (${belowHeld}))))`

/** Groups in which the user has at least this role, direct or inherited. */
export const groupsOf = (user: UserId, least: number, now: number): Condition =>
  sql<SqlBool>`exists (select 1 from ${held(user, least, now)} and ${belowHeld})`

/** The group holds, at any depth, a group or project of which the user is a member. */
export const groupsAboveMemberships = (user: UserId, now: number): Condition => sql<SqlBool>`exists (
  select 1 from members m
  left join projects inner_project on inner_project.id = m.project_id
  join namespaces inner_place on inner_place.id = coalesce(m.namespace_id, inner_project.namespace_id)
  where m.user_id = ${user} and m.access_level >= 10 and ${beforeItsDay('m.expires_at', now)}
  and inner_place.lineage >= namespaces.lineage and inner_place.lineage < namespaces.lineage || ':')`

const open = (user: User | undefined, table: 'projects' | 'namespaces'): Condition => {
  const visibility = sql.ref(`${table}.visibility`)
  if (user === undefined || user.isExternal) return sql<SqlBool>`${visibility} = 'public'`
  return sql<SqlBool>`${visibility} in ('public', 'internal')`
}

const guest = 10

/** Projects that the user may know of; undefined is an anonymous caller. Must say the same as `rules/visibility.ts`. */
export const visibleProjects = (user: User | undefined, now: number): Condition => {
  if (user?.isAdmin) return everything
  if (user === undefined) return open(user, 'projects')
  return sql<SqlBool>`(${open(user, 'projects')} or ${projectsOf(user.id, guest, now)})`
}

/** Groups that the user may know of: open ones, its own, and those that hold something of its own. */
export const visibleGroups = (user: User | undefined, now: number): Condition => {
  if (user?.isAdmin) return everything
  if (user === undefined) return open(user, 'namespaces')
  return sql<SqlBool>`(${open(user, 'namespaces')} or ${groupsOf(user.id, guest, now)} or ${groupsAboveMemberships(user.id, now)})`
}

/** Whether there is a project in which all of these users have at least this role. */
export const hasProject = async (reader: Reader, users: readonly UserId[], least: number, now: number): Promise<boolean> => {
  const all = reader
    .selectFrom('projects')
    .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
    .select('projects.id')
  const common = users.reduce((query, user) => query.where(projectsOf(user, least, now)), all)
  return (await common.limit(1).executeTakeFirst()) !== undefined
}

/** Whether the user is a member of something at any depth in this group. */
export const isMemberBelow = async (reader: Reader, user: UserId, group: NamespaceId, now: number): Promise<boolean> => {
  const row = await reader
    .selectFrom('namespaces')
    .select('id')
    .where('id', '=', group)
    .where(groupsAboveMemberships(user, now))
    .executeTakeFirst()
  return row !== undefined
}
