import { sql } from 'kysely'
import type { ApplicationId, UserId } from '../../core/ids.ts'
import type { Application } from '../../oauth/application.ts'
import { instantOf } from '../instant.ts'
import { scopesOf } from '../lookups.ts'
import type { Reader } from '../routes.ts'
import type { Instant } from '../schema.ts'
import type { Store } from '../sqlite.ts'
import { toApplication } from './applications.ts'

/** An application that holds tokens of a user. */
export interface Authorized {
  readonly application: Application
  /** Of all these tokens together. */
  readonly scopes: readonly string[]
  /** When the first of them was made. */
  readonly since: Instant
}

/** Tokens of users can be refreshed as long as nobody revokes them, so those past their hours count too. */
const living = (read: Reader, user: UserId) =>
  read.selectFrom('oauth_tokens').where('user_id', '=', user).where('revoked_at', 'is', null)

/** Applications that a user let in, by name. */
export const authorizedApplications = async (read: Reader, user: UserId): Promise<readonly Authorized[]> => {
  const tokens = await living(read, user).select(['application_id', 'scopes', 'created_at']).execute()
  const byApplication = Map.groupBy(tokens, (token) => token.application_id)
  const rows = await read
    .selectFrom('oauth_applications')
    .selectAll()
    .where('id', 'in', [...byApplication.keys()])
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .execute()
  return rows.map((row) => {
    const held = byApplication.get(row.id) ?? []
    return {
      application: toApplication(row),
      scopes: [...new Set(held.flatMap(({ scopes }) => scopesOf(scopes)))],
      since: held.map((token) => token.created_at).toSorted()[0] ?? row.created_at,
    }
  })
}

/** Whether a user has let an application in for all of these scopes already. */
export const hasAuthorized = async (
  read: Reader,
  user: UserId,
  application: ApplicationId,
  scopes: readonly string[],
): Promise<boolean> => {
  const tokens = await living(read, user).where('application_id', '=', application).select('scopes').execute()
  return tokens.some((token) => {
    const had = scopesOf(token.scopes)
    return scopes.every((scope) => had.includes(scope))
  })
}

/** Ends all that an application holds of a user: its tokens, and the codes and devices that would give it more. */
export const revokeAuthorization = (store: Store, user: UserId, application: ApplicationId, now: number): Promise<number> =>
  store.write.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('oauth_tokens')
      .set({ revoked_at: instantOf(now) })
      .where('user_id', '=', user)
      .where('application_id', '=', application)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    await transaction.deleteFrom('oauth_codes').where('user_id', '=', user).where('application_id', '=', application).execute()
    await transaction.deleteFrom('oauth_devices').where('user_id', '=', user).where('application_id', '=', application).execute()
    return Number(numUpdatedRows)
  })
