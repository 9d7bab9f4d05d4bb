import type { Kysely } from 'kysely'
import type { NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import type { Role } from '../core/project.ts'
import { beforeItsDay } from './in-force.ts'
import type { Schema } from './schema.ts'

export interface Place {
  /** Ids from the root namespace down. */
  readonly namespaces: readonly NamespaceId[]
  readonly project: ProjectId | undefined
}

/**
 * The highest unexpired role of a user in a project or group, direct or inherited; 0 for none. The owner of a user
 * namespace is Owner of all that stands in it.
 */
export const roleIn = async (database: Kysely<Schema>, user: UserId, place: Place, now: number): Promise<Role> => {
  const member = await database
    .selectFrom('members')
    .where('user_id', '=', user)
    .where((where) =>
      where.or([
        where('namespace_id', 'in', [...place.namespaces]),
        ...(place.project === undefined ? [] : [where('project_id', '=', place.project)]),
      ]),
    )
    .where(beforeItsDay('expires_at', now))
    .select((select) => select.fn.max('access_level').as('level'))
    .executeTakeFirst()
  const level: Role = member?.level ?? 0
  return level < 50 && (await ownsNamespace(database, user, place.namespaces)) ? 50 : level
}

const ownsNamespace = async (database: Kysely<Schema>, user: UserId, namespaces: readonly NamespaceId[]): Promise<boolean> => {
  const own = await database
    .selectFrom('namespaces')
    .where('id', 'in', [...namespaces])
    .where('owner_id', '=', user)
    .where('kind', '=', 'user')
    .select('id')
    .executeTakeFirst()
  return own !== undefined
}
