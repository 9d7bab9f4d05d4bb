import { sql } from 'kysely'
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

type Order = keyof typeof orders
const orderNames = Object.keys(orders) as Order[]

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
  // No use of a token is recorded, so none was used before or after any moment.
  (query, { last_used_after, last_used_before }) =>
    last_used_after === undefined && last_used_before === undefined ? query : query.where(sql<boolean>`1 = 0`),
]

/** Narrows and orders a list of tokens; by id unless asked. */
export const filterTokens = (query: TokenQuery, filter: TokenFilters, now: number): TokenQuery => {
  const found = narrowed.reduce((built, narrow) => narrow(built, filter, now), query)
  if (filter.sort === undefined) return found.orderBy('access_tokens.id')
  const [column, direction] = orders[filter.sort]
  return found.orderBy(column, direction).orderBy('access_tokens.id', direction)
}
