import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { inState, type TokenQuery } from '../../store/access-tokens.ts'
import { contains } from '../../store/search.ts'
import { day, flag, moment, oneOf, optional, text } from './input.ts'

const orders = {
  created_asc: ['access_tokens.created_at', 'asc'],
  created_desc: ['access_tokens.created_at', 'desc'],
  expires_asc: ['access_tokens.expires_at', 'asc'],
  expires_desc: ['access_tokens.expires_at', 'desc'],
  name_asc: ['access_tokens.name', 'asc'],
  name_desc: ['access_tokens.name', 'desc'],
} as const

const useOrders = ['last_used_asc', 'last_used_desc'] as const

type Order = keyof typeof orders
const orderNames = [...(Object.keys(orders) as Order[]), ...useOrders]

/** When a token was last used, from the second file; null where it never was. */
const lastUsed: RawBuilder<string | null> = sql<string | null>`(
  select used.last_used_at from activity.credential_usage as used
  where used.kind = 'access-token' and used.credential_id = access_tokens.id
)`

/** Filters of every list of access tokens (gitlab `PersonalAccessTokensHelpers`, `access_token_params`). */
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
  sort: optional(oneOf(orderNames)),
})

export type TokenFilters = z.output<typeof tokenFilters>

type Narrow = (query: TokenQuery, filter: TokenFilters, now: number) => TokenQuery

const narrowed: readonly Narrow[] = [
  (query, { revoked }) => (revoked === undefined ? query : query.where('revoked', '=', revoked ? 1 : 0)),
  (query, { state }, now) => (state === undefined ? query : inState(query, state, now)),
  (query, { search }) => (search === undefined ? query : query.where(contains('access_tokens.name', search))),
  (query, { created_after: from }) => (from === undefined ? query : query.where('access_tokens.created_at', '>', from)),
  (query, { created_before: to }) => (to === undefined ? query : query.where('access_tokens.created_at', '<', to)),
  (query, { expires_after: from }) => (from === undefined ? query : query.where('access_tokens.expires_at', '>', from)),
  (query, { expires_before: to }) => (to === undefined ? query : query.where('access_tokens.expires_at', '<', to)),
  (query, { last_used_after: from }) => (from === undefined ? query : query.where(lastUsed, '>=', from)),
  (query, { last_used_before: to }) => (to === undefined ? query : query.where(lastUsed, '<=', to)),
]

/** GitLab's database puts what was never used last, and first in the other direction. */
const byLastUse = (query: TokenQuery, sort: (typeof useOrders)[number]): TokenQuery =>
  query
    .orderBy(lastUsed, (order) => (sort === 'last_used_asc' ? order.asc().nullsLast() : order.desc().nullsFirst()))
    .orderBy('access_tokens.id', 'desc')

/** Narrows and orders a list of tokens; by id unless asked. */
export const filterTokens = (query: TokenQuery, filter: TokenFilters, now: number): TokenQuery => {
  const found = narrowed.reduce((built, narrow) => narrow(built, filter, now), query)
  if (filter.sort === undefined) return found.orderBy('access_tokens.id')
  if (filter.sort === 'last_used_asc' || filter.sort === 'last_used_desc') return byLastUse(found, filter.sort)
  const [column, direction] = orders[filter.sort]
  return found.orderBy(column, direction).orderBy('access_tokens.id', direction)
}
