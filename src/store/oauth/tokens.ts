import type { Selectable } from 'kysely'
import type { ApplicationId, OauthTokenId, UserId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import { accessLife } from '../../oauth/lives.ts'
import { digestOf } from '../../tokens/digest.ts'
import { makeBareToken } from '../../tokens/make.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { OauthTokensTable } from './schema.ts'

export type OauthTokenRow = Selectable<OauthTokensTable>

/** What tokens are made of. */
export interface Granted {
  readonly applicationId: ApplicationId
  /** Undefined where an application asks in nobody's name. */
  readonly userId: UserId | undefined
  readonly scopes: readonly string[]
  /** Of all tokens that come from the same consent. */
  readonly family: string
  /** Milliseconds: when the user had signed in, where he did. */
  readonly authTime: number | undefined
  readonly refreshable: boolean
}

/** Tokens as they were made; their secrets are shown once. */
export interface IssuedTokens {
  readonly row: OauthTokenRow
  readonly access: Secret
  readonly refresh: Secret | undefined
}

export const insertTokens = async (transaction: Writer, granted: Granted, now: number): Promise<IssuedTokens> => {
  const access = makeBareToken()
  const refresh = granted.refreshable ? makeBareToken() : undefined
  const row = await transaction
    .insertInto('oauth_tokens')
    .values({
      application_id: granted.applicationId,
      user_id: granted.userId ?? null,
      access_digest: access.digest,
      refresh_digest: refresh?.digest ?? null,
      scopes: JSON.stringify(granted.scopes),
      family: granted.family,
      auth_time: granted.authTime === undefined ? null : instantOf(granted.authTime),
      created_at: instantOf(now),
      expires_at: instantOf(now + accessLife),
      revoked_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { row, access: access.secret, refresh: refresh?.secret }
}

export const issueTokens = (store: Store, granted: Granted, now: number): Promise<IssuedTokens> =>
  store.write.transaction().execute((transaction) => insertTokens(transaction, granted, now))

/** The token whose access token a secret is. */
export const oauthTokenByAccess = (reader: Reader, secret: Secret): Promise<OauthTokenRow | undefined> =>
  reader.selectFrom('oauth_tokens').selectAll().where('access_digest', '=', digestOf(secret)).executeTakeFirst()

/** The token whose refresh token a secret is. */
export const oauthTokenByRefresh = (reader: Reader, secret: Secret): Promise<OauthTokenRow | undefined> =>
  reader.selectFrom('oauth_tokens').selectAll().where('refresh_digest', '=', digestOf(secret)).executeTakeFirst()

/** Ends a token that gives way to another. Whether it was this caller who ended it: of two at a time, one. */
export const retireToken = async (transaction: Writer, id: OauthTokenId, now: number): Promise<boolean> => {
  const { numUpdatedRows } = await transaction
    .updateTable('oauth_tokens')
    .set({ revoked_at: instantOf(now) })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** A token that was ended. */
export type EndedToken = Pick<OauthTokenRow, 'id' | 'user_id' | 'application_id'>

/** Ends all tokens that came from one consent; those that it was not too late for. */
export const revokeFamily = (transaction: Writer, family: string, now: number): Promise<EndedToken[]> =>
  transaction
    .updateTable('oauth_tokens')
    .set({ revoked_at: instantOf(now) })
    .where('family', '=', family)
    .where('revoked_at', 'is', null)
    .returning(['id', 'user_id', 'application_id'])
    .execute()

/** Whether an access token is good at a moment. */
export const isLive = ({ revoked_at, expires_at }: OauthTokenRow, now: number): boolean =>
  revoked_at === null && Date.parse(expires_at) > now
