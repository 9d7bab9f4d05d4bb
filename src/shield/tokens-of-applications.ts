import { sql } from 'kysely'
import type { AuditNote } from '../core/audit.ts'
import { entityOfAnyUser } from '../store/audit-entities.ts'
import { instantOf } from '../store/instant.ts'
import { renewSecret } from '../store/oauth/applications.ts'
import { retireToken } from '../store/oauth/tokens.ts'
import type { Reader } from '../store/routes.ts'
import type { Store } from '../store/sqlite.ts'
import { userById } from '../store/users.ts'
import type { Digest } from '../tokens/digest.ts'
import { makeToken } from '../tokens/make.ts'
import type { FindLive } from './live-token.ts'

/** What applications that keep no secret send as one stands in their sources, for everybody to read. */
export const liveApplicationSecrets: FindLive = async (reader, digests) => {
  const rows = await reader
    .selectFrom('oauth_applications')
    .selectAll()
    .where('secret_digest', 'in', digests)
    .where('confidential', '=', 1)
    .execute()
  return rows.map(({ id, name, secret_digest, owner_id }) => ({
    digest: secret_digest ?? '',
    kind: 'secret of an OAuth application',
    async end(store, now) {
      await renewSecret(store, id, makeToken('gloas-').digest, now)
      const owner = owner_id === null ? undefined : await userById(store.read, owner_id)
      return {
        name: 'oauth_application_secret_renewed',
        entity: await entityOfAnyUser(store.read, owner),
        target: { type: 'Doorkeeper::Application', id, details: name },
        message: `Ended the secret of OAuth application ${name}, which was found`,
      }
    },
  }))
}

interface OauthToken {
  readonly id: Parameters<typeof retireToken>[1]
  readonly user_id: Parameters<typeof userById>[1] | null
  readonly name: string
}

const endPair = async (store: Store, { id, user_id, name }: OauthToken, now: number): Promise<AuditNote> => {
  await store.write.transaction().execute((transaction) => retireToken(transaction, id, now))
  const account = user_id === null ? undefined : await userById(store.read, user_id)
  return {
    name: 'user_oauth_token_revoked',
    entity: await entityOfAnyUser(store.read, account),
    target: { type: 'OauthAccessToken', id, details: name },
    message: `Revoked a token of OAuth application ${name}, which was found`,
  }
}

/** An access token with its refresh token, which outlives it: both end together. */
export const liveOauthTokens: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('oauth_tokens')
    .innerJoin('oauth_applications', 'oauth_applications.id', 'oauth_tokens.application_id')
    .select(['oauth_tokens.id', 'user_id', 'access_digest', 'refresh_digest', 'expires_at', 'name'])
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('access_digest', 'in', digests), where('refresh_digest', 'in', digests)]))
    .execute()
  const at = instantOf(now)
  return rows.flatMap((row) => {
    const pair = [
      { digest: row.access_digest, kind: 'OAuth access token', isLive: row.expires_at > at },
      { digest: row.refresh_digest ?? '', kind: 'OAuth refresh token', isLive: row.refresh_digest !== null },
    ]
    return pair
      .filter(({ digest, isLive }) => isLive && digests.includes(digest))
      .map(({ digest, kind }) => ({ digest, kind, end: (store: Store, moment: number) => endPair(store, row, moment) }))
  })
}

/** Codes that a login is waiting for; they live for minutes. */
export const liveCodes: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('oauth_codes')
    .innerJoin('oauth_applications', 'oauth_applications.id', 'oauth_codes.application_id')
    .select(['oauth_codes.id', 'digest', 'name'])
    .where('digest', 'in', digests)
    .where('used_at', 'is', null)
    .where('expires_at', '>', instantOf(now))
    .execute()
  return rows.map(({ id, digest, name }) => ({
    digest,
    kind: 'OAuth authorization code',
    async end(store) {
      await store.write.deleteFrom('oauth_codes').where('id', '=', id).execute()
      return {
        name: 'oauth_authorization_code_revoked',
        entity: { kind: 'Instance' },
        target: { type: 'OauthAccessGrant', id, details: name },
        message: `Ended a code of OAuth application ${name}, which was found`,
      }
    },
  }))
}

export const liveDevices: FindLive = async (reader, digests, now) => {
  const rows = await reader
    .selectFrom('oauth_devices')
    .innerJoin('oauth_applications', 'oauth_applications.id', 'oauth_devices.application_id')
    .select(['oauth_devices.id', 'device_digest', 'name'])
    .where('device_digest', 'in', digests)
    .where('state', 'in', ['waiting', 'granted'])
    .where('expires_at', '>', instantOf(now))
    .execute()
  return rows.map(({ id, device_digest, name }) => ({
    digest: device_digest,
    kind: 'OAuth device code',
    async end(store) {
      await store.write.deleteFrom('oauth_devices').where('id', '=', id).execute()
      return {
        name: 'oauth_device_code_revoked',
        entity: { kind: 'Instance' },
        target: { type: 'OauthDeviceGrant', id, details: name },
        message: `Ended a device code of OAuth application ${name}, which was found`,
      }
    },
  }))
}

/** Digests of what has OAuth's form and may work still: tokens that were not revoked, codes, devices. At most so many. */
export const bareDigests = async (reader: Reader, most: number): Promise<readonly Digest[]> => {
  const rows = await reader
    .selectFrom('oauth_tokens')
    .select(['access_digest as one', 'refresh_digest as other'])
    .where('revoked_at', 'is', null)
    .unionAll(reader.selectFrom('oauth_codes').select(['digest as one', sql<null>`null`.as('other')]))
    .unionAll(reader.selectFrom('oauth_devices').select(['device_digest as one', sql<null>`null`.as('other')]))
    .limit(most)
    .execute()
  return rows.flatMap(({ one, other }) => (other === null ? [one] : [one, other]))
}
