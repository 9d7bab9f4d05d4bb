import type { NamespaceId, ProjectId, UserId } from '../../core/ids.ts'
import { beforeItsDay } from '../in-force.ts'
import { lineageIds } from '../namespaces.ts'
import type { Reader } from '../routes.ts'
import { readSetting } from '../settings.ts'

/** Whose token it is: a person's own, a project's or a group's. */
export type TokenHome =
  | { readonly kind: 'user'; readonly id: UserId }
  | { readonly kind: 'project'; readonly id: ProjectId }
  | { readonly kind: 'group'; readonly id: NamespaceId }

/** Owners and Maintainers of a project, Owners of a group (gitlab `User#resource_bot_owners_and_maintainers`). */
const leastLevel = { project: 40, group: 50 } as const

/** People who are let in and whose address is known to be theirs; never a bot. */
const reachable = async (reader: Reader, users: readonly UserId[]): Promise<readonly UserId[]> => {
  if (users.length === 0) return []
  const rows = await reader
    .selectFrom('users')
    .select('id')
    .where('id', 'in', [...new Set(users)])
    .where('kind', '=', 'human')
    .where('state', '=', 'active')
    .where('confirmed_at', 'is not', null)
    .orderBy('id')
    .execute()
  return rows.map((row) => row.id)
}

interface Place {
  readonly lineage: string
  /** The user in whose own namespace a project stands: its Owner, without a membership. */
  readonly owner: UserId | null
}

const placeOf = (reader: Reader, home: Exclude<TokenHome, { kind: 'user' }>): Promise<Place | undefined> => {
  const namespaces = reader.selectFrom('namespaces').select(['namespaces.lineage', 'namespaces.owner_id as owner'])
  return home.kind === 'group'
    ? namespaces.where('namespaces.id', '=', home.id).executeTakeFirst()
    : namespaces
        .innerJoin('projects', 'projects.namespace_id', 'namespaces.id')
        .where('projects.id', '=', home.id)
        .executeTakeFirst()
}

const inCharge = async (
  reader: Reader,
  home: Exclude<TokenHome, { kind: 'user' }>,
  inherited: boolean,
  now: number,
): Promise<readonly UserId[]> => {
  const place = await placeOf(reader, home)
  if (place === undefined) return []
  const above = inherited ? lineageIds(place.lineage) : home.kind === 'group' ? [home.id] : []
  const rows = await reader
    .selectFrom('members')
    .select('user_id')
    .where(beforeItsDay('expires_at', now))
    .where('access_level', '>=', leastLevel[home.kind])
    .where((where) =>
      where.or([
        where('members.namespace_id', 'in', above),
        ...(home.kind === 'project' ? [where('members.project_id', '=', home.id)] : []),
      ]),
    )
    .execute()
  return [...rows.map((row) => row.user_id), ...(place.owner === null ? [] : [place.owner])]
}

/**
 * Who is told of a token's end: its own user; of a project's or group's the direct members in charge, and, where the
 * instance says so, those of the groups above (gitlab `NotificationService#bot_resource_access_token_about_to_expire`).
 */
export const recipientsOf = async (reader: Reader, home: TokenHome, now: number): Promise<readonly UserId[]> => {
  if (home.kind === 'user') return reachable(reader, [home.id])
  const inherited = await readSetting(reader, 'resource_access_token_notify_inherited')
  return reachable(reader, await inCharge(reader, home, inherited, now))
}
