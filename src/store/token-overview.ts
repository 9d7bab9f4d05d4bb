import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { type Day, dayOf } from '../core/clock.ts'
import type { AccessTokenId, NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import type { UserState } from '../core/principal.ts'
import { areActive, isActive } from './access-tokens.ts'
import { lastUseOfToken } from './activity/last-uses.ts'
import { accessTokenKind, scopesOf } from './lookups.ts'
import type { Reader } from './routes.ts'
import type { Flag, Instant, Schema, StringList } from './schema.ts'

/** Kinds of access tokens, by whose they are. */
export const tokenFamilies = ['personal', 'impersonation', 'project', 'group', 'service_account'] as const
export type TokenFamily = (typeof tokenFamilies)[number]

/** `all` hides nothing; where no state is asked for, revoked tokens and those of users who are blocked are left out. */
export const overviewStates = ['active', 'inactive', 'all'] as const

export const overviewOrders = [
  'id_asc',
  'created_asc',
  'created_desc',
  'expires_asc',
  'expires_desc',
  'last_used_asc',
  'last_used_desc',
  'name_asc',
  'name_desc',
] as const

export interface OverviewFilter {
  readonly kind?: TokenFamily | undefined
  readonly user?: UserId | undefined
  readonly project?: ProjectId | undefined
  readonly group?: NamespaceId | undefined
  readonly expiresOn?: Day | undefined
  /** `YYYY-MM`. */
  readonly expiresInMonth?: string | undefined
  readonly noExpiry?: boolean | undefined
  /** Made before, and not used since. */
  readonly unusedSince?: Instant | undefined
  readonly state?: (typeof overviewStates)[number] | undefined
  readonly sort?: (typeof overviewOrders)[number] | undefined
}

export interface OverviewRow {
  readonly id: AccessTokenId
  readonly name: string
  readonly description: string | null
  readonly scopes: StringList
  readonly impersonation: Flag
  readonly revoked: Flag
  readonly created_at: Instant
  readonly expires_at: Day | null
  readonly last_used_at: Instant | null
  readonly user_id: UserId
  readonly username: string
  readonly email: string
  readonly user_state: UserState
  readonly user_kind: Schema['users']['kind']
  readonly bot_project_id: ProjectId | null
  readonly bot_group_id: NamespaceId | null
}

const families: Readonly<Record<ReturnType<typeof accessTokenKind>, TokenFamily>> = {
  'personal-access-token': 'personal',
  'impersonation-token': 'impersonation',
  'project-access-token': 'project',
  'group-access-token': 'group',
  'service-account-token': 'service_account',
}

export const familyOf = (row: Pick<OverviewRow, 'impersonation' | 'user_kind' | 'bot_group_id'>): TokenFamily =>
  families[accessTokenKind({ ...row, kind: row.user_kind })]

/** What is shown of a token, in the API and on the command line. */
export const overviewFields = (row: OverviewRow, now: number) => ({
  id: row.id,
  kind: familyOf(row),
  name: row.name,
  description: row.description,
  scopes: scopesOf(row.scopes),
  user_id: row.user_id,
  username: row.username,
  email: row.email,
  user_state: row.user_state,
  project_id: row.bot_project_id,
  group_id: row.bot_group_id,
  revoked: row.revoked === 1,
  active: isActive(row, now),
  created_at: row.created_at,
  last_used_at: row.last_used_at,
  expires_at: row.expires_at,
})

type Condition = RawBuilder<SqlBool>

const holders: Readonly<Record<TokenFamily, Condition>> = {
  personal: sql`users.kind = 'human' and access_tokens.impersonation = 0`,
  impersonation: sql`access_tokens.impersonation = 1`,
  project: sql`users.kind = 'project_bot' and users.bot_project_id is not null`,
  group: sql`users.kind = 'project_bot' and users.bot_group_id is not null`,
  service_account: sql`users.kind = 'service_account' and access_tokens.impersonation = 0`,
}

const inState = (state: OverviewFilter['state'], now: number): Condition => {
  if (state === 'all') return sql`1 = 1`
  if (state === 'active') return areActive(now)
  return state === 'inactive' ? sql`not (${areActive(now)})` : sql`access_tokens.revoked = 0 and users.state = 'active'`
}

const inMonth = (month: string): Condition =>
  sql`access_tokens.expires_at >= ${`${month}-01`} and access_tokens.expires_at <= ${`${month}-31`}`

/** GitLab's `PersonalAccessToken.last_used_before_or_unused`. */
const unusedSince = (moment: Instant): Condition =>
  sql`access_tokens.created_at < ${moment} and coalesce(${lastUseOfToken} < ${moment}, 1)`

const conditionsOf = (filter: OverviewFilter, now: number): Condition[] => {
  const { kind, user, project, group, expiresOn, expiresInMonth, unusedSince: since } = filter
  const equal = (column: string, value: string | number | undefined): Condition | undefined =>
    value === undefined ? undefined : sql`${sql.ref(column)} = ${value}`
  return [
    inState(filter.state, now),
    kind && holders[kind],
    equal('access_tokens.user_id', user),
    equal('users.bot_project_id', project),
    equal('users.bot_group_id', group),
    equal('access_tokens.expires_at', expiresOn),
    expiresInMonth === undefined ? undefined : inMonth(expiresInMonth),
    filter.noExpiry === true ? sql<SqlBool>`access_tokens.expires_at is null` : undefined,
    since === undefined ? undefined : unusedSince(since),
  ].filter((condition) => condition !== undefined)
}

const selectFamily = (reader: Reader) =>
  reader
    .selectFrom('access_tokens')
    .innerJoin('users', 'users.id', 'access_tokens.user_id')
    .select(['access_tokens.id', 'access_tokens.name', 'description', 'scopes', 'impersonation', 'revoked', 'expires_at'])
    .select(['access_tokens.created_at', 'user_id', 'username', 'email', 'users.state as user_state'])
    .select(['users.kind as user_kind', 'bot_project_id', 'bot_group_id'])

const orders = {
  id: sql`access_tokens.id`,
  created: sql`access_tokens.created_at`,
  expires: sql`access_tokens.expires_at`,
  last_used: lastUseOfToken,
  name: sql`access_tokens.name`,
} as const

/** The tokens that a filter names, each with whose it is and when it was last used; by number unless asked. */
export const selectOverview = (
  reader: Reader,
  filter: OverviewFilter,
  now: number,
): SelectQueryBuilder<Schema, 'access_tokens' | 'users', OverviewRow> => {
  const [, column, direction] = /^(id|created|expires|last_used|name)_(asc|desc)$/.exec(filter.sort ?? 'id_asc') ?? []
  const order = orders[(column ?? 'id') as keyof typeof orders]
  const way = direction === 'desc' ? 'desc' : 'asc'
  const query = selectFamily(reader)
    .select(lastUseOfToken.as('last_used_at'))
    .where(({ and }) => and(conditionsOf(filter, now)))
    .orderBy(order, way)
  return column === 'id' ? query : query.orderBy('access_tokens.id', way)
}

export interface ExpiryDate {
  readonly expires_at: Day
  readonly count: number
}

/** The days after today on which most tokens end, those with most first. */
export const expiryDates = async (reader: Reader, filter: OverviewFilter, most: number, now: number): Promise<ExpiryDate[]> => {
  const rows = await reader
    .selectFrom('access_tokens')
    .innerJoin('users', 'users.id', 'access_tokens.user_id')
    .select(['access_tokens.expires_at', ({ fn }) => fn.countAll<number>().as('count')])
    .where('access_tokens.expires_at', '>', dayOf(now))
    .where(({ and }) => and(conditionsOf({ ...filter, state: filter.state ?? 'active' }, now)))
    .groupBy('access_tokens.expires_at')
    .orderBy('count', 'desc')
    .orderBy('access_tokens.expires_at')
    .limit(most)
    .execute()
  return rows.map(({ expires_at, count }) => ({ expires_at: expires_at ?? '', count }))
}

/** Which tokens get a later day: by the day on which they end now. */
export type ExtensionFilter = Pick<OverviewFilter, 'kind' | 'user' | 'project' | 'group'> & { readonly expiresOn: Day }

/** Revoked tokens, and those made to act in another's name, are never among them. */
export const selectExtendable = (reader: Reader, filter: ExtensionFilter, now: number) =>
  selectFamily(reader)
    .where(({ and }) => and(conditionsOf({ ...filter, state: 'all' }, now)))
    .where('access_tokens.revoked', '=', 0)
    .where('access_tokens.impersonation', '=', 0)
    .orderBy('access_tokens.id')

export type ExtendableRow = Omit<OverviewRow, 'last_used_at'>
