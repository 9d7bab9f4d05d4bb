import { z } from 'zod'
import type { UserId } from '../../../core/ids.ts'
import { allMembers } from '../../../store/members.ts'
import { lineageIds, type Namespace, namespacesById } from '../../../store/namespaces.ts'
import type { Answer } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { maybeWords, wholeNumber, words } from '../entity-words.ts'
import { fullName, namespaceUrl } from '../groups/namespace-shape.ts'
import { list, optional, text, whole } from '../input.ts'
import { paginateRows } from '../pagination.ts'
import { findGroup, reachProject } from '../reach.ts'
import { briefUser, userBriefEntity } from '../users/user-brief.ts'

const userFilters = z.object({ search: optional(text()), skip_users: optional(list(whole())) })

/** `GET /projects/:id/users`: all members, inherited ones too, as users. */
const users = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call)
  const { search, skip_users = [] } = call.read(userFilters)
  const home = { kind: 'project', id: project.id, namespaces: lineageIds(project.lineage) } as const
  const members = await allMembers(call.parts.store.read, home, call.now, { query: search, userIds: undefined })
  const shown = members.filter(({ user_id }) => !(skip_users as UserId[]).includes(user_id))
  return paginateRows(call, shown, ({ user_id, username, name, state }) =>
    briefUser(call, { id: user_id, username, name, state }),
  )
}

/** gitlab `API::Entities::PublicGroupDetails`. */
const publicGroupEntity = z
  .object({
    id: wholeNumber,
    web_url: words,
    name: words,
    avatar_url: maybeWords,
    full_name: words,
    full_path: words,
  })
  .meta({ id: 'PublicGroup' })

const groupFilters = z.object({ search: optional(text()), skip_groups: optional(list(whole())) })

const visibleAbove = async (call: Call, above: ReadonlyMap<number, Namespace>): Promise<Namespace[]> => {
  const seen: Namespace[] = []
  for (const group of above.values()) {
    if (group.kind === 'group' && (await findGroup(call, String(group.id), 'read_group')) !== undefined) seen.push(group)
  }
  return seen.sort((one, other) => one.id - other.id)
}

/** `GET /projects/:id/groups`: those in which the project stands, as far as the caller sees them. */
const groups = async (call: Call): Promise<Answer> => {
  const { project } = await reachProject(call)
  const { search = '', skip_groups = [] } = call.read(groupFilters)
  const above = await namespacesById(call.parts.store.read, lineageIds(project.lineage))
  const seen = (await visibleAbove(call, above)).filter(
    ({ id, full_path, name }) =>
      !skip_groups.includes(id) && `${name}\n${full_path}`.toLowerCase().includes(search.toLowerCase()),
  )
  return paginateRows(call, seen, (group) => ({
    id: group.id,
    web_url: namespaceUrl(group, call.parts.settings),
    name: group.name,
    avatar_url: null,
    full_name: fullName(group.lineage, above),
    full_path: group.full_path,
  }))
}

export const projectPeopleRoutes: readonly Route[] = [
  route('GET', '/projects/:id/users', {
    open: true,
    input: [userFilters],
    output: userBriefEntity,
    paged: true,
    handler: users,
  }),
  route('GET', '/projects/:id/groups', {
    open: true,
    input: [groupFilters],
    output: publicGroupEntity,
    paged: true,
    handler: groups,
  }),
]
