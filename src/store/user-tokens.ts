import type { UserId } from '../core/ids.ts'
import type { MadeToken } from '../tokens/make.ts'
import type { Sealed, SealedPlace, Sealer } from '../tokens/seal.ts'
import { instantOf } from './instant.ts'
import type { Reader } from './routes.ts'
import type { UserTokenKind } from './schema.ts'
import type { Store } from './sqlite.ts'
import { type Account, selectUsers } from './users.ts'

/** Where a user's token of a kind is sealed. */
export const placeOfUserToken = (user: UserId, kind: UserTokenKind): SealedPlace => ({
  table: 'user_tokens',
  column: kind,
  row: user,
})

/** A user's token; undefined where none was asked for so far. */
export const sealedUserToken = async (reader: Reader, user: UserId, kind: UserTokenKind): Promise<Sealed | undefined> => {
  const row = await reader
    .selectFrom('user_tokens')
    .select('sealed')
    .where('user_id', '=', user)
    .where('kind', '=', kind)
    .executeTakeFirst()
  return row?.sealed
}

/** The user to whom a token of this kind belongs. */
export const userByTokenDigest = (reader: Reader, kind: UserTokenKind, digest: string): Promise<Account | undefined> =>
  selectUsers(reader)
    .innerJoin('user_tokens', 'user_tokens.user_id', 'users.id')
    .where('user_tokens.digest', '=', digest)
    .where('user_tokens.kind', '=', kind)
    .executeTakeFirst()

/**
 * Gives a user a token: in the place of an old one, which is over at once, or only where there is none (`keep`).
 * Answers with what stands there now; undefined where the user is gone.
 */
export const putUserToken = (
  store: Store,
  user: UserId,
  kind: UserTokenKind,
  { digest, secret }: MadeToken,
  sealer: Sealer,
  keep: boolean,
  now: number,
): Promise<Sealed | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    const found = keep ? await sealedUserToken(transaction, user, kind) : undefined
    if (found !== undefined) return found
    const owner = await transaction.selectFrom('users').select('id').where('id', '=', user).executeTakeFirst()
    if (owner === undefined) return undefined
    const fresh = { digest, sealed: sealer.seal(secret, placeOfUserToken(user, kind)), created_at: instantOf(now) }
    await transaction
      .insertInto('user_tokens')
      .values({ user_id: user, kind, ...fresh })
      .onConflict((conflict) => conflict.columns(['user_id', 'kind']).doUpdateSet(fresh))
      .execute()
    return fresh.sealed
  })
