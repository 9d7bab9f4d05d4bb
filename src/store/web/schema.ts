import type { Generated } from 'kysely'
import type { UserId } from '../../core/ids.ts'
import type { Sealed } from '../../tokens/seal.ts'

/** ISO 8601 in UTC with milliseconds. */
type Instant = string

/** A browser in which somebody signs in, or is signed in. */
export interface WebSessionsTable {
  id: Generated<number>
  user_id: UserId
  /** Of the cookie. */
  digest: string
  /** `second-step`: the password was right, and a code is still asked for. */
  stage: 'second-step' | 'signed-in'
  /** Wrong codes so far. */
  failures: number
  created_at: Instant
  /** The last request, give or take a minute. */
  seen_at: Instant
  /** However busy it is. */
  ends_at: Instant
}

/** What a user's authenticator shares with us. Whether it is asked for stands at the user (`two_factor_enabled`). */
export interface TwoFactorTable {
  user_id: UserId
  sealed: Sealed
  /** Of the last code that was taken: none is taken twice. */
  last_step: number
  created_at: Instant
}

/** Codes for one use each, for whoever lost the authenticator. */
export interface RecoveryCodesTable {
  user_id: UserId
  digest: string
}

export interface WebSchema {
  web_sessions: WebSessionsTable
  two_factor: TwoFactorTable
  recovery_codes: RecoveryCodesTable
}
