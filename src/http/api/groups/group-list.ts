import { z } from 'zod'
import { memberLevels } from '../../../core/access-level.ts'
import type { NamespaceId } from '../../../core/ids.ts'
import type { User } from '../../../core/principal.ts'
import { visibilities } from '../../../core/visibility.ts'
import { type Namespace, selectNamespaces } from '../../../store/namespaces.ts'
import { contains } from '../../../store/search.ts'
import { groupsAboveMemberships, groupsOf, noRows, visibleGroups } from '../../../store/visible.ts'
import type { Answer } from '../answer.ts'
import type { Call } from '../call.ts'
import { flag, list, oneNumberOf, oneOf, optional, text, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { shapeGroups } from './group-shape.ts'

export const groupFilters = z.object({
  search: optional(text()),
  owned: optional(flag()),
  top_level_only: optional(flag()),
  all_available: optional(flag()),
  min_access_level: optional(oneNumberOf(memberLevels)),
  visibility: optional(oneOf(visibilities)),
  skip_groups: optional(list(whole())),
  order_by: optional(oneOf(['name', 'path', 'id', 'similarity'])),
  sort: optional(oneOf(['asc', 'desc'])),
})

type Filter = z.infer<typeof groupFilters>
type Query = ReturnType<typeof selectNamespaces>

const owner = 50
const guest = 10

/**
 * Those that the caller may see; of these, unless all are asked for, an ordinary user's own ones (GitLab docs, "List
 * groups": `all_available` is false for users and true for administrators).
 */
const byStanding = (query: Query, filter: Filter, user: User | undefined, now: number): Query => {
  const visible = query.where(visibleGroups(user, now))
  const least = Math.max(filter.owned ? owner : 0, filter.min_access_level ?? 0)
  if (least > 0) return visible.where(user === undefined ? noRows : groupsOf(user.id, least, now))
  if (user === undefined || (filter.all_available ?? user.isAdmin)) return visible
  return visible.where(({ or }) => or([groupsOf(user.id, guest, now), groupsAboveMemberships(user.id, now)]))
}

const byColumns = (query: Query, filter: Filter): Query =>
  query
    .$if(filter.top_level_only === true, (some) => some.where('parent_id', 'is', null))
    .$if(filter.visibility !== undefined, (some) => some.where('visibility', '=', filter.visibility ?? 'private'))
    .$if((filter.skip_groups ?? []).length > 0, (some) =>
      some.where('namespaces.id', 'not in', (filter.skip_groups ?? []) as NamespaceId[]),
    )

const bySearch = (query: Query, search: string | undefined): Query =>
  search === undefined
    ? query
    : query.where(({ or }) => or([contains('namespaces.name', search), contains('namespaces.path', search)]))

const ordered = (query: Query, { order_by = 'name', sort = 'asc' }: Filter): Query =>
  query.orderBy(`namespaces.${order_by === 'similarity' ? 'name' : order_by}`, sort).orderBy('namespaces.id', sort)

/** One page of groups by GitLab's parameters of `GET /groups`. */
export const listGroups = (call: Call, within: (query: Query) => Query = (query) => query): Promise<Answer> => {
  const filter = call.read(groupFilters)
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const groups = within(selectNamespaces(call.parts.store.read).where('namespaces.kind', '=', 'group'))
  const query = bySearch(byColumns(byStanding(groups, filter, user, call.now), filter), filter.search)
  const { order_by: by = 'name', sort: direction = 'asc' } = filter
  const keyset = { bounded: true, type: 'Group', table: 'namespaces', by, direction, orders: { name: ['asc'] } } as const
  return paginate(call, ordered(query, filter), (rows: Namespace[]) => shapeGroups(call, rows), keyset)
}
