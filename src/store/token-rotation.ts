import { sql } from 'kysely'
import type { Day } from '../core/clock.ts'
import type { AccessTokenId, UserId } from '../core/ids.ts'
import type { Digest } from '../tokens/digest.ts'
import type { TokenRow } from './access-tokens.ts'
import { beforeItsDay } from './in-force.ts'
import { instantOf } from './instant.ts'
import type { Flag } from './schema.ts'
import type { Store } from './sqlite.ts'

export interface Successor {
  readonly digest: Digest
  readonly expiresOn: Day | null
  readonly createdBy: UserId
  /** Of who rotates: a bot becomes external, or no longer is, as if it had been made by that user. */
  readonly isExternal: Flag
}

/**
 * Puts a new token in the place of one: same user, name, scopes and purpose, a new number and secret. The old one is
 * dead at once (gitlab `PersonalAccessTokens::RotateService`). Of several rotations at the same time one succeeds; the others find the token revoked.
 */
export const rotateToken = (store: Store, id: AccessTokenId, successor: Successor, now: number): Promise<TokenRow | 'revoked'> =>
  store.write.transaction().execute(async (transaction) => {
    const old = await transaction
      .updateTable('access_tokens')
      .set({ revoked: 1 })
      .where('id', '=', id)
      .where('revoked', '=', 0)
      .returningAll()
      .executeTakeFirst()
    if (old === undefined) return 'revoked'
    const { id: previous, ...same } = old
    await transaction
      .updateTable('users')
      .set({ is_external: successor.isExternal })
      .where('id', '=', old.user_id)
      .where('kind', '=', 'project_bot')
      .where('is_external', '!=', successor.isExternal)
      .execute()
    return transaction
      .insertInto('access_tokens')
      .values({
        ...same,
        revoked: 0,
        digest: successor.digest,
        expires_at: successor.expiresOn,
        previous_id: previous,
        created_by: successor.createdBy,
        created_at: instantOf(now),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
  })

/** A token that was ended. */
export type Ended = Pick<TokenRow, 'id' | 'name' | 'user_id'>

/**
 * Ends every token that still works and came from this one by rotation. A secret that was rotated away and is used again
 * to rotate is in wrong hands, or its successor is. The bot of such a token stays, so that its work keeps its name.
 */
export const revokeDescendants = async (store: Store, id: AccessTokenId, now: number): Promise<readonly Ended[]> => {
  const { rows } = await sql<Ended>`
    with recursive family(id) as (
      select id from access_tokens where previous_id = ${id}
      union
      select access_tokens.id from access_tokens join family on access_tokens.previous_id = family.id
    )
    update access_tokens set revoked = 1
    where id in (select id from family) and revoked = 0 and ${beforeItsDay('expires_at', now)}
    returning id, name, user_id
  `.execute(store.write)
  return rows
}
