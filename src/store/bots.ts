import { randomBytes } from 'node:crypto'
import type { MemberLevel } from '../core/access-level.ts'
import type { AccessTokenId, NamespaceId, ProjectId, UserId } from '../core/ids.ts'
import { insertToken, type NewToken, selectTokens, type TokenQuery, type TokenRow } from './access-tokens.ts'
import { instantOf } from './instant.ts'
import { columnsOf } from './members.ts'
import type { Reader, Writer } from './routes.ts'
import type { Flag } from './schema.ts'
import type { Store } from './sqlite.ts'
import { insertUser } from './users.ts'

/** The project or group that a bot belongs to. */
export type BotHome = { readonly kind: 'project'; readonly id: ProjectId } | { readonly kind: 'group'; readonly id: NamespaceId }

export interface NewResourceToken extends Omit<NewToken, 'user' | 'impersonation'> {
  readonly home: BotHome
  readonly level: MemberLevel
  /** Of the creator; the bot is external too then. */
  readonly isExternal: Flag
  /** Host of the bot's e-mail address. */
  readonly host: string
}

const insertBot = async (transaction: Writer, token: NewResourceToken, now: number): Promise<UserId> => {
  const { home } = token
  const username = `${home.kind}_${home.id}_bot_${randomBytes(16).toString('hex')}`
  const bot = await insertUser(
    transaction,
    {
      username,
      name: token.name,
      email: `${username}@noreply.${token.host}`,
      kind: 'project_bot',
      is_admin: 0,
      is_external: token.isExternal,
      can_create_group: 0,
      projects_limit: 0,
      bot_project_id: home.kind === 'project' ? home.id : null,
      bot_group_id: home.kind === 'group' ? home.id : null,
      created_by: token.createdBy,
    },
    now,
  )
  return bot.id
}

const insertMembership = async (transaction: Writer, bot: UserId, token: NewResourceToken, now: number): Promise<void> => {
  const { home, level, createdBy } = token
  await transaction
    .insertInto('members')
    .values({
      ...columnsOf(home),
      user_id: bot,
      access_level: level,
      expires_at: null,
      created_by: createdBy,
      created_at: instantOf(now),
    })
    .execute()
}

const exists = async (transaction: Writer, home: BotHome): Promise<boolean> => {
  const row =
    home.kind === 'project'
      ? await transaction.selectFrom('projects').select('id').where('id', '=', home.id).executeTakeFirst()
      : await transaction.selectFrom('namespaces').select('id').where('id', '=', home.id).executeTakeFirst()
  return row !== undefined
}

/** Makes a project's or group's token: the bot, its membership and its token, all or nothing. Undefined: the home is gone. */
export const createResourceToken = (store: Store, token: NewResourceToken, now: number): Promise<TokenRow | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    if (!(await exists(transaction, token.home))) return undefined
    const user = await insertBot(transaction, token, now)
    await insertMembership(transaction, user, token, now)
    return insertToken(transaction, { ...token, user, impersonation: false }, now)
  })

export interface ResourceToken extends TokenRow {
  /** The bot's level in its home; null where the membership was taken away by hand. */
  readonly access_level: MemberLevel | null
}

/** Tokens of a project's or group's bots. */
export const selectResourceTokens = (reader: Reader, home: BotHome): TokenQuery =>
  selectTokens(reader)
    .where('users.kind', '=', 'project_bot')
    .where(home.kind === 'project' ? 'users.bot_project_id' : 'users.bot_group_id', '=', home.id)
    .where('access_tokens.impersonation', '=', 0)

/** Adds each bot's level, by one query for all. */
export const withLevels = async (reader: Reader, home: BotHome, tokens: readonly TokenRow[]): Promise<ResourceToken[]> => {
  if (tokens.length === 0) return []
  const rows = await reader
    .selectFrom('members')
    .select(['user_id', 'access_level'])
    .where(home.kind === 'project' ? 'project_id' : 'namespace_id', '=', home.id)
    .where(
      'user_id',
      'in',
      tokens.map((token) => token.user_id),
    )
    .execute()
  const levels = new Map(rows.map((row) => [row.user_id, row.access_level]))
  return tokens.map((token) => ({ ...token, access_level: levels.get(token.user_id) ?? null }))
}

export const resourceTokenById = async (reader: Reader, home: BotHome, id: AccessTokenId): Promise<ResourceToken | undefined> => {
  const row = await selectResourceTokens(reader, home).where('access_tokens.id', '=', id).executeTakeFirst()
  return row && (await withLevels(reader, home, [row]))[0]
}
