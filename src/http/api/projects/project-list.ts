import { z } from 'zod'
import { memberLevels } from '../../../core/access-level.ts'
import type { ProjectId, UserId } from '../../../core/ids.ts'
import { visibilities } from '../../../core/visibility.ts'
import { type Project, selectProjects } from '../../../store/projects.ts'
import { contains } from '../../../store/search.ts'
import { noRows, projectsOf, visibleProjects } from '../../../store/visible.ts'
import type { Answer } from '../answer.ts'
import type { Call } from '../call.ts'
import { flag, oneNumberOf, oneOf, optional, text, whole } from '../input.ts'
import { paginate } from '../pagination.ts'
import { shapeProjects } from './project-shape.ts'

const orders = ['id', 'name', 'path', 'created_at', 'updated_at', 'last_activity_at', 'similarity', 'star_count'] as const

export const projectFilters = z.object({
  archived: optional(flag()),
  visibility: optional(oneOf(visibilities)),
  search: optional(text()),
  order_by: optional(oneOf(orders)),
  sort: optional(oneOf(['asc', 'desc'])),
  simple: optional(flag()),
  owned: optional(flag()),
  starred: optional(flag()),
  membership: optional(flag()),
  min_access_level: optional(oneNumberOf(memberLevels)),
  id_after: optional(whole()),
  id_before: optional(whole()),
})

type Filter = z.infer<typeof projectFilters>

type Query = ReturnType<typeof selectProjects>

const byText = (query: Query, search: string): Query =>
  query.where(({ or }) =>
    or([contains('projects.name', search), contains('projects.path', search), contains('projects.description', search)]),
  )

const owner = 50
const guest = 10

/** What the caller is to the projects: asked for by three parameters. Nobody in particular is a member of nothing. */
const byMembership = (query: Query, filter: Filter, user: UserId | undefined, now: number): Query => {
  const least = Math.max(filter.owned ? owner : 0, filter.min_access_level ?? 0, filter.membership ? guest : 0)
  if (least === 0) return query
  return query.where(user === undefined ? noRows : projectsOf(user, least, now))
}

const byColumns = (query: Query, filter: Filter): Query =>
  query
    .$if(filter.archived !== undefined, (some) => some.where('projects.archived', '=', filter.archived ? 1 : 0))
    .$if(filter.visibility !== undefined, (some) => some.where('projects.visibility', '=', filter.visibility ?? 'private'))
    .$if(filter.id_after !== undefined, (some) => some.where('projects.id', '>', (filter.id_after ?? 0) as ProjectId))
    .$if(filter.id_before !== undefined, (some) => some.where('projects.id', '<', (filter.id_before ?? 0) as ProjectId))
    .$if(filter.starred === true, (some) => some.where(noRows))

const ordered = (query: Query, filter: Filter): Query => {
  const { order_by = 'created_at', sort = 'desc' } = filter
  const column = order_by === 'similarity' || order_by === 'star_count' ? 'created_at' : order_by
  return query.orderBy(`projects.${column}`, sort).orderBy('projects.id', sort)
}

/** One page of those projects that the caller may see, by GitLab's parameters of `GET /projects`. */
export const listProjects = (call: Call, within: (query: Query) => Query = (query) => query): Promise<Answer> => {
  const filter = call.read(projectFilters)
  const user = call.caller.kind === 'user' ? call.caller.user : undefined
  const visible = within(selectProjects(call.parts.store.read).where(visibleProjects(user, call.now)))
  const searched = filter.search === undefined ? visible : byText(visible, filter.search)
  const query = byMembership(byColumns(searched, filter), filter, user?.id, call.now)
  const { order_by: by = 'created_at', sort: direction = 'desc' } = filter
  const keyset = {
    bounded: true,
    type: 'Project',
    table: 'projects',
    by,
    direction,
    orders: { id: ['asc', 'desc'] },
    byFilters: true,
  } as const
  return paginate(call, ordered(query, filter), (rows: Project[]) => shapeProjects(call, rows, filter.simple), keyset)
}
