import type { ApplicationId, UserId } from '../core/ids.ts'

/** A program that asks users for tokens, and what it may ask for. */
export interface Application {
  readonly id: ApplicationId
  /** Its `client_id`. */
  readonly uid: string
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
  /** Whether it can keep a secret. */
  readonly confidential: boolean
  /** Users are not asked whether they agree. */
  readonly trusted: boolean
  /** Undefined: it is the instance's. */
  readonly ownerId: UserId | undefined
}
