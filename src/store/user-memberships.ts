import type { UserId } from '../core/ids.ts'
import { beforeItsDay } from './in-force.ts'
import type { Reader } from './routes.ts'

/** The direct memberships of one user that are in force, each with the name and path of its place. */
export const selectMemberships = (reader: Reader, user: UserId, now: number) =>
  reader
    .selectFrom('members')
    .where('members.user_id', '=', user)
    .where(beforeItsDay('members.expires_at', now))
    .select(['members.id', 'members.namespace_id', 'members.project_id', 'members.access_level'])
    .select((from) => [
      from
        .selectFrom('namespaces')
        .whereRef('namespaces.id', '=', 'members.namespace_id')
        .select('namespaces.name')
        .as('group_name'),
      from.selectFrom('projects').whereRef('projects.id', '=', 'members.project_id').select('projects.name').as('project_name'),
      from
        .selectFrom('routes')
        .where(({ or, eb, ref }) =>
          or([
            eb('routes.namespace_id', '=', ref('members.namespace_id')),
            eb('routes.project_id', '=', ref('members.project_id')),
          ]),
        )
        .select('routes.path')
        .as('full_path'),
    ])
