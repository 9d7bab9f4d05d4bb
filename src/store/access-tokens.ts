import type { Selectable } from 'kysely'
import type { Digest } from '../tokens/digest.ts'
import type { Reader } from './routes.ts'
import type { AccessTokensTable } from './schema.ts'
import type { Account } from './users.ts'

export type TokenRow = Selectable<AccessTokensTable>

export interface TokenWithUser {
  readonly token: TokenRow
  readonly account: Account
}

/** The token of a digest, and its user's row: two index look-ups. */
export const tokenByDigest = async (reader: Reader, digest: Digest): Promise<TokenWithUser | undefined> => {
  const token = await reader.selectFrom('access_tokens').selectAll().where('digest', '=', digest).executeTakeFirst()
  if (token === undefined) return undefined
  const account = await reader.selectFrom('users').selectAll().where('id', '=', token.user_id).executeTakeFirstOrThrow()
  return { token, account }
}
