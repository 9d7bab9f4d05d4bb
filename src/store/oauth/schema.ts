import type { Generated } from 'kysely'
import type { ApplicationId, OauthCodeId, OauthDeviceId, OauthTokenId, UserId } from '../../core/ids.ts'
import type { ChallengeMethod } from '../../oauth/pkce.ts'
import type { Digest } from '../../tokens/digest.ts'
import type { Flag, Instant, StringList } from '../schema.ts'

/** A program that asks users for tokens. */
export interface OauthApplicationsTable {
  id: Generated<ApplicationId>
  /** Its `client_id`. */
  uid: string
  /** Null where it never had a secret. */
  secret_digest: Digest | null
  name: string
  redirect_uris: StringList
  /** All that it may ask for. */
  scopes: StringList
  /** Whether it can keep a secret; one that cannot proves itself by PKCE. */
  confidential: Flag
  /** Users are not asked whether they agree. */
  trusted: Flag
  /** Null: it is the instance's. */
  owner_id: UserId | null
  created_at: Instant
  updated_at: Instant
}

/** Authorization codes. They live for minutes; a used one is kept for its day, so that its second use is seen. */
export interface OauthCodesTable {
  id: Generated<OauthCodeId>
  application_id: ApplicationId
  user_id: UserId
  digest: Digest
  redirect_uri: string
  scopes: StringList
  challenge: string | null
  challenge_method: ChallengeMethod | null
  nonce: string | null
  /** When the user had signed in. */
  auth_time: Instant
  /** Of the tokens that it gives; these end together. */
  family: string
  created_at: Instant
  expires_at: Instant
  used_at: Instant | null
}

/** Devices that wait for a user to let them in. */
export interface OauthDevicesTable {
  id: Generated<OauthDeviceId>
  application_id: ApplicationId
  device_digest: Digest
  user_code_digest: Digest
  scopes: StringList
  state: 'waiting' | 'granted' | 'denied' | 'used'
  /** Who let it in. */
  user_id: UserId | null
  answered_at: Instant | null
  /** When it last asked. */
  polled_at: Instant | null
  /** Seconds that it has to wait between two questions; grows where it does not. */
  poll_interval: number
  created_at: Instant
  expires_at: Instant
}

/** An access token with its refresh token. Both end together; a refreshed one stays, so that its second use is seen. */
export interface OauthTokensTable {
  id: Generated<OauthTokenId>
  application_id: ApplicationId
  /** Null where an application asked in nobody's name. */
  user_id: UserId | null
  access_digest: Digest
  refresh_digest: Digest | null
  scopes: StringList
  /** Shared by all tokens that came from one consent. */
  family: string
  auth_time: Instant | null
  created_at: Instant
  /** Of the access token. */
  expires_at: Instant
  revoked_at: Instant | null
}

export interface OauthSchema {
  oauth_applications: OauthApplicationsTable
  oauth_codes: OauthCodesTable
  oauth_devices: OauthDevicesTable
  oauth_tokens: OauthTokensTable
}
