import type { StoredTrustGrant } from '../access/authenticate-trust.ts'
import { answersFor } from '../access/rules/trusted.ts'
import type { SignedCertificate } from '../core/credential.ts'
import type { NamespaceId, ProjectId, TrustGrantId } from '../core/ids.ts'
import type { DeployTokenHome } from '../core/principal.ts'
import type { Digest } from '../tokens/digest.ts'
import { instantOf } from './instant.ts'
import { lineageIds } from './namespaces.ts'
import { roleIn } from './roles.ts'
import type { Reader, Writer } from './routes.ts'
import type { Store } from './sqlite.ts'
import { stringsOf, type TrustRow } from './trusts.ts'
import { toUser, userColumns } from './user-row.ts'

/** How long what has ended is kept, so that whoever still shows it is told of in the log as expired, in milliseconds. */
const keptAfterEnd = 3_600_000

interface Placed {
  readonly project_id: ProjectId | null
  readonly group_id: NamespaceId | null
}

export const homeOfTrust = ({ project_id, group_id }: Placed): DeployTokenHome => {
  if (project_id !== null) return { kind: 'project', id: project_id }
  if (group_id !== null) return { kind: 'group', id: group_id }
  throw new Error('a trust belongs to nothing')
}

/** Namespaces of a project or group, from the root down; none where it is gone. */
const namespacesOf = async (reader: Reader, home: DeployTokenHome): Promise<readonly NamespaceId[]> => {
  const row =
    home.kind === 'group'
      ? await reader.selectFrom('namespaces').where('id', '=', home.id).select('lineage').executeTakeFirst()
      : await reader
          .selectFrom('projects')
          .innerJoin('namespaces', 'namespaces.id', 'projects.namespace_id')
          .where('projects.id', '=', home.id)
          .select('lineage')
          .executeTakeFirst()
  return row === undefined ? [] : lineageIds(row.lineage)
}

/** Whether a trust still holds where something was given by it: the project may have left the group. */
const stillCovers = (trust: DeployTokenHome, given: DeployTokenHome, namespaces: readonly NamespaceId[]): boolean =>
  trust.kind === 'project' ? given.kind === 'project' && trust.id === given.id : namespaces.includes(trust.id)

/** Whether a trust gives anything now: it is switched on, and who answers for it still may (`answersFor`). */
export const isBacked = async (
  reader: Reader,
  trust: Pick<TrustRow, 'enabled' | 'access_level' | 'sponsor_id' | 'project_id' | 'group_id'>,
  now: number,
): Promise<boolean> => {
  if (trust.enabled === 0 || trust.sponsor_id === null) return false
  const row = await reader
    .selectFrom('users')
    .where('id', '=', trust.sponsor_id)
    .select([...userColumns])
    .executeTakeFirst()
  if (row === undefined) return false
  const home = homeOfTrust(trust)
  const place = { namespaces: await namespacesOf(reader, home), project: home.kind === 'project' ? home.id : undefined }
  return answersFor(toUser(row, now), await roleIn(reader, row.id, place, now), trust.access_level)
}

const selectGrants = (reader: Reader) =>
  reader
    .selectFrom('trust_grants')
    .innerJoin('trusts', 'trusts.id', 'trust_grants.trust_id')
    .selectAll('trusts')
    .select([
      'trust_grants.id as grant_id',
      'trust_grants.project_id as given_project_id',
      'trust_grants.group_id as given_group_id',
      'trust_grants.scopes as given_scopes',
      'trust_grants.subject',
      'trust_grants.expires_at',
    ])

type GrantRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectGrants>['executeTakeFirst']>>>

const asGrant = async (reader: Reader, row: GrantRow, now: number): Promise<StoredTrustGrant> => {
  const home = homeOfTrust({ project_id: row.given_project_id, group_id: row.given_group_id })
  const covers = stillCovers(homeOfTrust(row), home, await namespacesOf(reader, home))
  return {
    principal: {
      kind: 'trusted',
      id: row.grant_id,
      trust: row.id,
      issuer: row.issuer,
      subject: row.subject,
      home,
      role: row.access_level,
      refs: stringsOf(row.refs),
    },
    scopes: stringsOf(row.given_scopes),
    expiresAt: Date.parse(row.expires_at),
    isBacked: covers && (await isBacked(reader, row, now)),
  }
}

export const grantByDigest = async (reader: Reader, digest: Digest, now: number): Promise<StoredTrustGrant | undefined> => {
  const row = await selectGrants(reader).where('digest', '=', digest).executeTakeFirst()
  return row && asGrant(reader, row, now)
}

/** By its number, for the key that it was given for. */
export const grantByCertificate = async (
  reader: Reader,
  { serial, fingerprint }: SignedCertificate,
  now: number,
): Promise<StoredTrustGrant | undefined> => {
  const row = await selectGrants(reader)
    .where('trust_grants.id', '=', serial as TrustGrantId)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row && asGrant(reader, row, now)
}

export interface NewGrant {
  /** As it was when it was asked: one that changed meanwhile gives nothing. */
  readonly trust: TrustRow
  readonly given:
    | { readonly kind: 'token'; readonly digest: Digest }
    | { readonly kind: 'certificate'; readonly fingerprint: string }
    | { readonly kind: 'registry' }
  readonly home: DeployTokenHome
  readonly scopes: readonly string[]
  readonly subject: string
  readonly expiresAt: number
  /** The outside token, which is taken once; undefined where it may be used again. */
  readonly use: { readonly token: Digest; readonly expiresAt: number } | undefined
}

const tidy = async (transaction: Writer, now: number): Promise<void> => {
  await transaction.deleteFrom('trust_uses').where('expires_at', '<=', instantOf(now)).execute()
  await transaction
    .deleteFrom('trust_grants')
    .where('expires_at', '<=', instantOf(now - keptAfterEnd))
    .execute()
}

/** False where the outside token was taken before. */
const takeOnce = async (transaction: Writer, { token, expiresAt }: NonNullable<NewGrant['use']>): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('trust_uses')
    .values({ token, expires_at: instantOf(expiresAt) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

const isAsItWas = async (transaction: Writer, trust: TrustRow): Promise<boolean> => {
  const row = await transaction.selectFrom('trusts').where('id', '=', trust.id).selectAll().executeTakeFirst()
  return JSON.stringify(row) === JSON.stringify(trust)
}

/** Writes down what is given, and that the outside token was taken, or neither. */
export const addGrant = async (
  transaction: Writer,
  grant: NewGrant,
  now: number,
): Promise<TrustGrantId | 'replayed' | 'changed'> => {
  await tidy(transaction, now)
  if (!(await isAsItWas(transaction, grant.trust)) || !(await isBacked(transaction, grant.trust, now))) return 'changed'
  if (grant.use !== undefined && !(await takeOnce(transaction, grant.use))) return 'replayed'
  const { given, home } = grant
  const { id } = await transaction
    .insertInto('trust_grants')
    .values({
      trust_id: grant.trust.id,
      kind: given.kind,
      digest: given.kind === 'token' ? given.digest : null,
      fingerprint: given.kind === 'certificate' ? given.fingerprint : null,
      project_id: home.kind === 'project' ? home.id : null,
      group_id: home.kind === 'group' ? home.id : null,
      scopes: JSON.stringify(grant.scopes),
      subject: grant.subject,
      created_at: instantOf(now),
      expires_at: instantOf(grant.expiresAt),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** The trust that gave a token; undefined where there is no such token. */
export const trustOfGrant = (reader: Reader, digest: Digest): Promise<TrustRow | undefined> =>
  reader
    .selectFrom('trusts')
    .innerJoin('trust_grants', 'trust_grants.trust_id', 'trusts.id')
    .where('digest', '=', digest)
    .selectAll('trusts')
    .executeTakeFirst()

export const deleteGrant = async (store: Store, digest: Digest): Promise<void> => {
  await store.write.deleteFrom('trust_grants').where('digest', '=', digest).execute()
}
