import type { Selectable, SelectQueryBuilder } from 'kysely'
import type { TrustLevel } from '../access/rules/trusted.ts'
import type { NamespaceId, ProjectId, TrustId, UserId } from '../core/ids.ts'
import type { DeployTokenHome } from '../core/principal.ts'
import { instantOf } from './instant.ts'
import type { Reader } from './routes.ts'
import type { Schema } from './schema.ts'
import type { Store } from './sqlite.ts'
import type { TrustsTable } from './trust-schema.ts'

export type TrustRow = Selectable<TrustsTable>

/** Claim names, each with the patterns of which one must fit. */
export type ClaimPatterns = Readonly<Record<string, readonly string[]>>

/** What a trust says, as it is made and changed. */
export interface TrustTerms {
  readonly name: string
  readonly enabled: boolean
  readonly issuer: string
  readonly jwksUri: string | undefined
  readonly audience: string
  readonly claims: ClaimPatterns
  readonly level: TrustLevel
  readonly scopes: readonly string[]
  readonly refs: readonly string[]
  /** Seconds. */
  readonly life: number
  readonly singleUse: boolean
}

/** How many stand at one project or group: each of them is asked at an exchange. */
export const mostTrusts = 100

export type TrustQuery = SelectQueryBuilder<Schema, 'trusts', TrustRow>

export const trustsOf = (reader: Reader, home: DeployTokenHome): TrustQuery =>
  reader
    .selectFrom('trusts')
    .selectAll('trusts')
    .where(home.kind === 'project' ? 'project_id' : 'group_id', '=', home.id)

export const trustById = (reader: Reader, home: DeployTokenHome, id: TrustId): Promise<TrustRow | undefined> =>
  trustsOf(reader, home).where('id', '=', id).executeTakeFirst()

/** Where something is asked for: a project with the groups above it, or a group with those above. */
export interface TrustPlace {
  readonly home: DeployTokenHome
  readonly fullPath: string
  /** Ids from the root down. */
  readonly namespaces: readonly NamespaceId[]
}

/** Those that hold in a place and name this issuer: its own first, and then those above it, oldest first. */
export const trustsIn = (reader: Reader, { home, namespaces }: TrustPlace, issuer: string): Promise<TrustRow[]> =>
  reader
    .selectFrom('trusts')
    .selectAll()
    .where('issuer', '=', issuer)
    .where((where) =>
      where.or([
        where('group_id', 'in', [...namespaces]),
        ...(home.kind === 'project' ? [where('project_id', '=', home.id)] : []),
      ]),
    )
    .orderBy((order) => order.case().when('project_id', 'is not', null).then(0).else(1).end())
    .orderBy('id')
    .execute()

const columnsOf = (terms: TrustTerms) =>
  ({
    name: terms.name,
    enabled: terms.enabled ? 1 : 0,
    issuer: terms.issuer,
    jwks_uri: terms.jwksUri ?? null,
    audience: terms.audience,
    claims: JSON.stringify(terms.claims),
    access_level: terms.level,
    scopes: JSON.stringify(terms.scopes),
    refs: JSON.stringify(terms.refs),
    life: terms.life,
    single_use: terms.singleUse ? 1 : 0,
  }) as const

const homeColumns = (home: DeployTokenHome): { project_id: ProjectId | null; group_id: NamespaceId | null } =>
  home.kind === 'project' ? { project_id: home.id, group_id: null } : { project_id: null, group_id: home.id }

/** @param sponsor who answers for it; `full` where no more can stand there */
export const createTrust = (
  store: Store,
  home: DeployTokenHome,
  terms: TrustTerms,
  sponsor: UserId,
  now: number,
): Promise<TrustRow | 'full'> =>
  store.write.transaction().execute(async (transaction) => {
    const { count } = await trustsOf(transaction, home)
      .clearSelect()
      .select((select) => select.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (count >= mostTrusts) return 'full'
    const time = instantOf(now)
    return transaction
      .insertInto('trusts')
      .values({ ...homeColumns(home), ...columnsOf(terms), sponsor_id: sponsor, created_at: time, updated_at: time })
      .returningAll()
      .executeTakeFirstOrThrow()
  })

/** Whoever changes a trust answers for it from now on. All that it gave ends, whatever was changed. */
export const updateTrust = (
  store: Store,
  id: TrustId,
  terms: TrustTerms,
  sponsor: UserId,
  now: number,
): Promise<TrustRow | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('trust_grants').where('trust_id', '=', id).execute()
    return transaction
      .updateTable('trusts')
      .set({ ...columnsOf(terms), sponsor_id: sponsor, updated_at: instantOf(now) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
  })

/** All that it gave ends with it. */
export const deleteTrust = async (store: Store, id: TrustId): Promise<boolean> => {
  const { numDeletedRows } = await store.write.deleteFrom('trusts').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}

const textsOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error('a stored trust holds patterns that are no texts')
}

/** A stored list of scopes or of patterns. */
export const stringsOf = (json: string): readonly string[] => textsOf(JSON.parse(json))

/** The claims of a row, as they were checked when they were stored. */
export const claimsOf = ({ claims }: Pick<TrustRow, 'claims'>): ClaimPatterns => {
  const value: unknown = JSON.parse(claims)
  if (typeof value !== 'object' || value === null) throw new Error('a stored trust has no claims')
  return Object.fromEntries(Object.entries(value).map(([name, patterns]) => [name, textsOf(patterns)]))
}
