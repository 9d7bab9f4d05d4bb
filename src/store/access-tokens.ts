import { type Insertable, type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import { type Day, dayHasCome, dayOf } from '../core/clock.ts'
import type { AccessTokenId, UserId } from '../core/ids.ts'
import type { Digest } from '../tokens/digest.ts'
import { giveToGhost } from './ghost.ts'
import { beforeItsDay } from './in-force.ts'
import { instantOf } from './instant.ts'
import type { Reader, Writer } from './routes.ts'
import type { AccessTokensTable } from './schema.ts'
import type { Store } from './sqlite.ts'
import type { Account } from './users.ts'

export type TokenRow = Selectable<AccessTokensTable>

export interface TokenWithUser {
  readonly token: TokenRow
  readonly account: Account
}

/** The token of a digest, and its user's row: two index look-ups. Undefined too where the user went in between. */
export const tokenByDigest = async (reader: Reader, digest: Digest): Promise<TokenWithUser | undefined> => {
  const token = await reader.selectFrom('access_tokens').selectAll().where('digest', '=', digest).executeTakeFirst()
  if (token === undefined) return undefined
  const account = await reader.selectFrom('users').selectAll().where('id', '=', token.user_id).executeTakeFirst()
  return account && { token, account }
}

/**
 * A query for tokens, with their users' columns to narrow it by. Every token has a user; the join is an outer one so that
 * a page in the order of tokens is read from their table, and not gathered from all users and sorted.
 */
export const selectTokens = (reader: Reader) =>
  reader.selectFrom('access_tokens').leftJoin('users', 'users.id', 'access_tokens.user_id').selectAll('access_tokens')

export type TokenQuery = ReturnType<typeof selectTokens>

export const tokenById = (reader: Reader, id: AccessTokenId): Promise<TokenRow | undefined> =>
  selectTokens(reader).where('access_tokens.id', '=', id).executeTakeFirst()

/** Whether a token works: not revoked, and before its day. */
export const isActive = ({ revoked, expires_at }: Pick<TokenRow, 'revoked' | 'expires_at'>, now: number): boolean =>
  revoked === 0 && (expires_at === null || !dayHasCome(expires_at, now))

/** The same asked of the rows of a query. */
export const areActive = (now: number): RawBuilder<SqlBool> =>
  sql<SqlBool>`access_tokens.revoked = 0 and ${beforeItsDay('access_tokens.expires_at', now)}`

/** Tokens that work, or those that do not: revoked, or at their day. */
export const inState = (query: TokenQuery, state: 'active' | 'inactive', now: number): TokenQuery =>
  state === 'active'
    ? query.where(areActive(now))
    : query.where((where) => where.or([where('revoked', '=', 1), where('access_tokens.expires_at', '<=', dayOf(now))]))

export interface NewToken {
  readonly user: UserId
  readonly name: string
  readonly description: string | null
  readonly digest: Digest
  readonly scopes: readonly string[]
  readonly impersonation: boolean
  readonly expiresOn: Day | null
  readonly createdBy: UserId
}

const columnsOf = (token: NewToken, now: number): Insertable<AccessTokensTable> => ({
  user_id: token.user,
  name: token.name,
  description: token.description,
  digest: token.digest,
  scopes: JSON.stringify([...new Set(token.scopes)]),
  impersonation: token.impersonation ? 1 : 0,
  revoked: 0,
  expires_at: token.expiresOn,
  previous_id: null,
  created_by: token.createdBy,
  created_at: instantOf(now),
})

export const insertToken = (writer: Writer, token: NewToken, now: number): Promise<TokenRow> =>
  writer.insertInto('access_tokens').values(columnsOf(token, now)).returningAll().executeTakeFirstOrThrow()

/** Makes a user's token; undefined where the user is gone meanwhile. */
export const createToken = (store: Store, token: NewToken, now: number): Promise<TokenRow | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    const user = await transaction.selectFrom('users').select('id').where('id', '=', token.user).executeTakeFirst()
    return user && insertToken(transaction, token, now)
  })

/** The bot behind a project's or group's token lives no longer than its last working token. */
const removeIdleBot = async (transaction: Writer, user: UserId, now: number): Promise<void> => {
  const working = await inState(selectTokens(transaction), 'active', now).where('user_id', '=', user).executeTakeFirst()
  if (working !== undefined) return
  const bot = await transaction
    .selectFrom('users')
    .select('id')
    .where('id', '=', user)
    .where('kind', '=', 'project_bot')
    .executeTakeFirst()
  if (bot === undefined) return
  await giveToGhost(transaction, bot.id, now)
  await transaction.deleteFrom('users').where('id', '=', bot.id).execute()
}

/** Ends a token at once, and with it the bot that has no other. What the bot made becomes the Ghost User's. */
export const revokeToken = (store: Store, { id, user_id }: Pick<TokenRow, 'id' | 'user_id'>, now: number): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    await transaction.updateTable('access_tokens').set({ revoked: 1 }).where('id', '=', id).execute()
    await removeIdleBot(transaction, user_id, now)
  })
