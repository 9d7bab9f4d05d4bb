import { z } from 'zod'
import { contains } from '../../../store/search.ts'
import { readSetting } from '../../../store/settings.ts'
import { selectUsers } from '../../../store/users.ts'
import type { Answer } from '../answer.ts'
import type { Call } from '../call.ts'
import { isAdministrator } from '../caller.ts'
import { forbidden } from '../errors.ts'
import { flag, moment, oneOf, optional, text } from '../input.ts'
import type { Keyset } from '../keyset.ts'
import { paginate } from '../pagination.ts'
import { hideBotNames } from './bot-names.ts'
import { briefUser } from './user-brief.ts'
import { adminShapes } from './user-shape.ts'

export const userFilters = z.object({
  username: optional(text()),
  search: optional(text()),
  active: optional(flag()),
  blocked: optional(flag()),
  external: optional(flag()),
  admins: optional(flag()),
  humans: optional(flag()),
  exclude_active: optional(flag()),
  exclude_external: optional(flag()),
  exclude_humans: optional(flag()),
  without_project_bots: optional(flag()),
  created_after: optional(moment()),
  created_before: optional(moment()),
  order_by: optional(oneOf(['id', 'name', 'username', 'created_at', 'updated_at'])),
  sort: optional(oneOf(['asc', 'desc'])),
})

type Filters = z.output<typeof userFilters>
type Users = ReturnType<typeof selectUsers>

const narrowed: readonly ((query: Users, filter: Filters) => Users)[] = [
  (query, { username }) => (username === undefined ? query : query.where('username_key', '=', username.toLowerCase())),
  (query, { active }) => (active ? query.where('state', '=', 'active').where('kind', '!=', 'ghost') : query),
  (query, { blocked }) => (blocked ? query.where('state', '=', 'blocked') : query),
  (query, { humans }) => (humans ? query.where('kind', '=', 'human') : query),
  (query, { exclude_active }) => (exclude_active ? query.where('state', '!=', 'active') : query),
  (query, { exclude_humans }) => (exclude_humans ? query.where('kind', '!=', 'human') : query),
  (query, { without_project_bots }) => (without_project_bots ? query.where('kind', '!=', 'project_bot') : query),
]

/** What only administrators may learn of others: the filters are as if they were not there for everyone else. */
const narrowedForAdmins: typeof narrowed = [
  (query, { external }) => (external ? query.where('is_external', '=', 1) : query),
  (query, { admins }) => (admins ? query.where('is_admin', '=', 1) : query),
  (query, { exclude_external }) => (exclude_external ? query.where('is_external', '=', 0) : query),
]

/** By part of a name; by an e-mail address only for administrators, and whole. */
const searched = (query: Users, search: string | undefined, isAdmin: boolean): Users => {
  if (search === undefined) return query
  return query.where((where) =>
    where.or([
      contains('users.username', search),
      contains('users.name', search),
      ...(isAdmin ? [where('email_key', '=', search.toLowerCase())] : []),
    ]),
  )
}

/** Others than administrators do not find those who are locked out, and do not choose an order. */
const ordered = (query: Users, filter: Filters, isAdmin: boolean): Users => {
  if (!isAdmin) return query.where('state', 'not in', ['blocked', 'banned']).orderBy('users.id', 'desc')
  const { created_after, created_before, order_by = 'id', sort = 'desc' } = filter
  const after = created_after === undefined ? query : query.where('users.created_at', '>', created_after)
  const within = created_before === undefined ? after : after.where('users.created_at', '<', created_before)
  return within.orderBy(`users.${order_by}`, sort).orderBy('users.id', sort)
}

const bothWays = ['asc', 'desc'] as const

const keysetOf = ({ order_by = 'id', sort = 'desc' }: Filters, isAdmin: boolean): Keyset => ({
  type: 'User',
  table: 'users',
  by: isAdmin ? order_by : 'id',
  direction: isAdmin ? sort : 'desc',
  orders: { id: bothWays, name: bothWays, username: bothWays, created_at: bothWays, updated_at: bothWays },
})

const isPublicRestricted = async (call: Call): Promise<boolean> =>
  (await readSetting(call.parts.store.read, 'restricted_visibility_levels')).includes('public')

/** `GET /users`. Anonymous callers may ask for one username, and nothing else (gitlab `lib/api/users.rb`). */
export const listUsers = async (call: Call): Promise<Answer> => {
  const filter = call.read(userFilters)
  if (call.caller.kind === 'anonymous' && (filter.username === undefined || (await isPublicRestricted(call)))) {
    throw forbidden('Not authorized to access /api/v4/users')
  }
  const isAdmin = isAdministrator(call.caller)
  const narrowing = isAdmin ? [...narrowed, ...narrowedForAdmins] : narrowed
  const query = narrowing.reduce((built, narrow) => narrow(built, filter), selectUsers(call.parts.store.read))
  return paginate(
    call,
    ordered(searched(query, filter.search, isAdmin), filter, isAdmin),
    async (rows) => (isAdmin ? adminShapes(call, rows) : (await hideBotNames(call, rows)).map((row) => briefUser(call, row))),
    keysetOf(filter, isAdmin),
  )
}
