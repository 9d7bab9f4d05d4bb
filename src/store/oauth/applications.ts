import type { Selectable } from 'kysely'
import type { ApplicationId, UserId } from '../../core/ids.ts'
import type { Application } from '../../oauth/application.ts'
import type { Digest } from '../../tokens/digest.ts'
import { instantOf } from '../instant.ts'
import { scopesOf } from '../lookups.ts'
import type { Reader } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { OauthApplicationsTable } from './schema.ts'

export type ApplicationRow = Selectable<OauthApplicationsTable>

export const toApplication = (row: ApplicationRow): Application => ({
  id: row.id,
  uid: row.uid,
  name: row.name,
  redirectUris: scopesOf(row.redirect_uris),
  scopes: scopesOf(row.scopes),
  confidential: row.confidential === 1,
  trusted: row.trusted === 1,
  ownerId: row.owner_id ?? undefined,
})

/** By its `client_id`, with the digest of its secret. */
export const applicationByUid = (read: Reader, uid: string): Promise<ApplicationRow | undefined> =>
  read.selectFrom('oauth_applications').selectAll().where('uid', '=', uid).executeTakeFirst()

export const applicationBySecretDigest = (read: Reader, digest: Digest): Promise<ApplicationRow | undefined> =>
  read.selectFrom('oauth_applications').selectAll().where('secret_digest', '=', digest).executeTakeFirst()

/** By its `client_id`. */
export const findApplication = async (read: Reader, uid: string): Promise<Application | undefined> => {
  const row = await applicationByUid(read, uid)
  return row && toApplication(row)
}

/** Those of the instance (no owner), or those of one user. */
export const selectApplications = (read: Reader, owner: UserId | undefined) => {
  const query = read.selectFrom('oauth_applications').selectAll()
  return owner === undefined ? query.where('owner_id', 'is', null) : query.where('owner_id', '=', owner)
}

export interface NewApplication {
  readonly uid: string
  readonly secretDigest: Digest
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
  readonly confidential: boolean
  readonly trusted: boolean
  readonly owner: UserId | undefined
}

export const createApplication = (store: Store, application: NewApplication, now: number): Promise<ApplicationRow> =>
  store.write
    .insertInto('oauth_applications')
    .values({
      uid: application.uid,
      secret_digest: application.secretDigest,
      name: application.name,
      redirect_uris: JSON.stringify(application.redirectUris),
      scopes: JSON.stringify(application.scopes),
      confidential: application.confidential ? 1 : 0,
      trusted: application.trusted ? 1 : 0,
      owner_id: application.owner ?? null,
      created_at: instantOf(now),
      updated_at: instantOf(now),
    })
    .returningAll()
    .executeTakeFirstOrThrow()

/** The old secret is good no longer. Undefined where the application is gone. */
export const renewSecret = (
  store: Store,
  id: ApplicationId,
  secretDigest: Digest,
  now: number,
): Promise<ApplicationRow | undefined> =>
  store.write
    .updateTable('oauth_applications')
    .set({ secret_digest: secretDigest, updated_at: instantOf(now) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()

/** Takes its codes, devices and tokens away with it. Whether it was still there. */
export const deleteApplication = async (store: Store, id: ApplicationId): Promise<boolean> => {
  const { numDeletedRows } = await store.write.deleteFrom('oauth_applications').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}
