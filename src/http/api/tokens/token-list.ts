import { type OrderByItemBuilder, sql } from 'kysely'
import { z } from 'zod'
import { inState, type TokenQuery } from '../../../store/access-tokens.ts'
import { lastUseOfToken } from '../../../store/activity/last-uses.ts'
import { contains } from '../../../store/search.ts'
import { day, flag, moment, oneOf, optional, text } from '../input.ts'

/**
 * Filters of every list of access tokens (gitlab `PersonalAccessTokensHelpers`, `access_token_params`). Bounds count in, but
 * for `expires_before`, as in GitLab.
 */
export const tokenFilters = z.object({
  revoked: optional(flag()),
  state: optional(oneOf(['active', 'inactive'])),
  search: optional(text()),
  created_after: optional(moment()),
  created_before: optional(moment()),
  expires_after: optional(day()),
  expires_before: optional(day()),
  last_used_after: optional(moment()),
  last_used_before: optional(moment()),
  sort: optional(text()).meta({
    description: '`created_asc`, `created_desc`, `expires_asc`, … `last_used_…`, `name_…`; any other word counts as none.',
  }),
})

export type TokenFilters = z.output<typeof tokenFilters>

type Narrow = (query: TokenQuery, filter: TokenFilters, now: number) => TokenQuery

const narrowed: readonly Narrow[] = [
  (query, { revoked }) => (revoked === undefined ? query : query.where('revoked', '=', revoked ? 1 : 0)),
  (query, { state }, now) => (state === undefined ? query : inState(query, state, now)),
  (query, { search }) => (search === undefined ? query : query.where(contains('access_tokens.name', search))),
  (query, { created_after: from }) => (from === undefined ? query : query.where('access_tokens.created_at', '>=', from)),
  (query, { created_before: to }) => (to === undefined ? query : query.where('access_tokens.created_at', '<=', to)),
  (query, { expires_after: from }) => (from === undefined ? query : query.where('access_tokens.expires_at', '>=', from)),
  (query, { expires_before: to }) => (to === undefined ? query : query.where('access_tokens.expires_at', '<', to)),
  (query, { last_used_after: from }) => (from === undefined ? query : query.where(lastUseOfToken, '>=', from)),
  (query, { last_used_before: to }) => (to === undefined ? query : query.where(lastUseOfToken, '<=', to)),
]

type Direction = 'asc' | 'desc'

/** GitLab's database puts what has no value last, and first in the other direction. */
const placed =
  (direction: Direction) =>
  (order: OrderByItemBuilder): OrderByItemBuilder =>
    direction === 'asc' ? order.asc().nullsLast() : order.desc().nullsFirst()

type Sort = (query: TokenQuery, direction: Direction) => TokenQuery

const byDay: Sort = (query, direction) =>
  query.orderBy('access_tokens.expires_at', placed(direction)).orderBy('access_tokens.id', 'desc')

const byUse: Sort = (query, direction) => query.orderBy(lastUseOfToken, placed(direction)).orderBy('access_tokens.id', 'desc')

const byName: Sort = (query, direction) =>
  query.orderBy(sql`lower(access_tokens.name)`, direction).orderBy('access_tokens.id', direction)

const byBirth: Sort = (query, direction) =>
  query.orderBy('access_tokens.created_at', direction).orderBy('access_tokens.id', direction)

const byNumber: Sort = (query, direction) => query.orderBy('access_tokens.id', direction)

/** Words besides the documented ones that GitLab knows too (gitlab `app/models/concerns/sortable.rb`). */
const sorts: ReadonlyMap<string, readonly [Sort, Direction]> = new Map([
  ['created_asc', [byBirth, 'asc']],
  ['created_at_asc', [byBirth, 'asc']],
  ['created_desc', [byBirth, 'desc']],
  ['created_at_desc', [byBirth, 'desc']],
  ['created_date', [byBirth, 'desc']],
  ['expires_asc', [byDay, 'asc']],
  ['expires_at_asc_id_desc', [byDay, 'asc']],
  ['expires_desc', [byDay, 'desc']],
  ['id_asc', [byNumber, 'asc']],
  ['id_desc', [byNumber, 'desc']],
  ['last_used_asc', [byUse, 'asc']],
  ['last_used_desc', [byUse, 'desc']],
  ['name_asc', [byName, 'asc']],
  ['name_desc', [byName, 'desc']],
])

/** Narrows and orders a list of tokens; by id unless asked, and where the word is none (gitlab `PersonalAccessTokensFinder`). */
export const filterTokens = (query: TokenQuery, filter: TokenFilters, now: number): TokenQuery => {
  const found = narrowed.reduce((built, narrow) => narrow(built, filter, now), query)
  const [sort, direction] = sorts.get(filter.sort ?? '') ?? [byNumber, 'asc']
  return sort(found, direction)
}
