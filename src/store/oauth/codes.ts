import { randomUUID } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { ApplicationId, UserId } from '../../core/ids.ts'
import type { Secret } from '../../core/secret.ts'
import { codeLife } from '../../oauth/lives.ts'
import type { Challenge } from '../../oauth/pkce.ts'
import { digestOf } from '../../tokens/digest.ts'
import { makeBareToken } from '../../tokens/make.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { OauthCodesTable } from './schema.ts'

export type CodeRow = Selectable<OauthCodesTable>

export interface NewCode {
  readonly applicationId: ApplicationId
  readonly userId: UserId
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly challenge: Challenge | undefined
  readonly nonce: string | undefined
  /** Milliseconds: when the user had signed in. */
  readonly authTime: number
}

/** A code for an application to change for tokens, once and soon. It is told to nobody but in the redirect. */
export const makeCode = async (store: Store, code: NewCode, now: number): Promise<Secret> => {
  const { secret, digest } = makeBareToken()
  await store.write
    .insertInto('oauth_codes')
    .values({
      application_id: code.applicationId,
      user_id: code.userId,
      digest,
      redirect_uri: code.redirectUri,
      scopes: JSON.stringify(code.scopes),
      challenge: code.challenge?.value ?? null,
      challenge_method: code.challenge?.method ?? null,
      nonce: code.nonce ?? null,
      auth_time: instantOf(code.authTime),
      family: randomUUID(),
      created_at: instantOf(now),
      expires_at: instantOf(now + codeLife),
      used_at: null,
    })
    .execute()
  return secret
}

export const codeBySecret = (read: Reader, secret: Secret): Promise<CodeRow | undefined> =>
  read.selectFrom('oauth_codes').selectAll().where('digest', '=', digestOf(secret)).executeTakeFirst()

/** Whether it is this caller who uses it: of two at a time, one. */
export const useCode = async (transaction: Writer, { id }: CodeRow, now: number): Promise<boolean> => {
  const { numUpdatedRows } = await transaction
    .updateTable('oauth_codes')
    .set({ used_at: instantOf(now) })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
