import { type Day, dayOf } from '../../core/clock.ts'
import type { AccessTokenId, DeployTokenId, UserId } from '../../core/ids.ts'
import type { Reader } from '../routes.ts'
import type { ExpiryNoticesTable } from '../schema.ts'
import type { Account } from '../users.ts'
import { recipientsOf, type TokenHome } from './recipients.ts'

export type Window = ExpiryNoticesTable['days']

/** One word to one user on one token that ends in this window. */
export interface Notice {
  readonly access_token_id: AccessTokenId | null
  readonly deploy_token_id: DeployTokenId | null
  readonly days: Window
  readonly user_id: UserId
}

const day = 86_400_000

/** The last day of each window, counted from today (gitlab `PersonalAccessToken::NOTIFICATION_INTERVALS`). */
const windows = [7, 30, 60] as const

/** In which window a day lies, seen from another; undefined beyond all. */
export const windowOf = (expiresOn: Day, now: number): Exclude<Window, 0> | undefined => {
  const ahead = Math.round((Date.parse(expiresOn) - Date.parse(dayOf(now))) / day)
  return ahead < 0 ? undefined : windows.find((last) => ahead <= last)
}

/** Tokens that are looked at together. */
const batch = 500

interface Ending {
  readonly id: number
  readonly expiresOn: Day
  readonly home: TokenHome
}

/** Tokens of people, and of projects and groups, from one day to another; never those made to impersonate. */
const accessTokens = async (reader: Reader, from: Day, to: Day, after: number): Promise<Ending[]> => {
  const rows = await reader
    .selectFrom('access_tokens')
    .innerJoin('users', 'users.id', 'access_tokens.user_id')
    .select(['access_tokens.id', 'access_tokens.expires_at', 'user_id', 'kind', 'bot_project_id', 'bot_group_id'])
    .where('access_tokens.expires_at', '>=', from)
    .where('access_tokens.expires_at', '<=', to)
    .where('access_tokens.id', '>', after as AccessTokenId)
    .where('revoked', '=', 0)
    .where('impersonation', '=', 0)
    .where('kind', 'in', ['human', 'project_bot'])
    .orderBy('access_tokens.id')
    .limit(batch)
    .execute()
  return rows.map((row) => ({ id: row.id, expiresOn: row.expires_at ?? '', home: accessTokenHome(row) }))
}

type Owner = Pick<Account, 'bot_project_id' | 'bot_group_id'> & { readonly user_id: UserId }

export const accessTokenHome = ({ user_id, bot_project_id, bot_group_id }: Owner): TokenHome => {
  if (bot_project_id !== null) return { kind: 'project', id: bot_project_id }
  return bot_group_id === null ? { kind: 'user', id: user_id } : { kind: 'group', id: bot_group_id }
}

/** Those of projects alone, as in GitLab. */
const deployTokens = async (reader: Reader, now: number, to: Day, after: number): Promise<Ending[]> => {
  const rows = await reader
    .selectFrom('deploy_tokens')
    .select(['id', 'expires_at', 'project_id'])
    .where('expires_at', '>', new Date(now).toISOString())
    .where('expires_at', '<', `${to}T24`)
    .where('id', '>', after as DeployTokenId)
    .where('revoked', '=', 0)
    .where('project_id', 'is not', null)
    .orderBy('id')
    .limit(batch)
    .execute()
  return rows.flatMap(({ id, expires_at, project_id }) =>
    project_id === null || expires_at === null
      ? []
      : [{ id, expiresOn: expires_at.slice(0, 10), home: { kind: 'project', id: project_id } as const }],
  )
}

type Column = 'access_token_id' | 'deploy_token_id'

/** Windows that each token had its word in. */
const told = async (
  reader: Reader,
  column: Column,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<Window>>> => {
  const rows = await reader
    .selectFrom('expiry_notices')
    .select([`${column} as id`, 'days'])
    .distinct()
    .where(column, 'in', ids as (AccessTokenId & DeployTokenId)[])
    .execute()
  const windowsById = Map.groupBy(rows, (row) => Number(row.id))
  return new Map([...windowsById].map(([id, found]) => [id, new Set(found.map((row) => row.days))]))
}

/** Who is asked again and again in one search is looked up once. */
const rememberedRecipients = (reader: Reader, now: number): ((home: TokenHome) => Promise<readonly UserId[]>) => {
  const known = new Map<string, Promise<readonly UserId[]>>()
  return (home) => {
    const key = `${home.kind}/${home.id}`
    const found = known.get(key) ?? recipientsOf(reader, home, now)
    known.set(key, found)
    return found
  }
}

type Page = (after: number) => Promise<Ending[]>

/** A word in the last window silences the others (gitlab: `expire_notification_delivered`). */
const isDue = (had: ReadonlySet<Window> | undefined, window: Window): boolean =>
  had === undefined || !(had.has(window) || (window !== 0 && had.has(7)))

async function* search(
  reader: Reader,
  column: Column,
  page: Page,
  windowFor: (token: Ending) => Window | undefined,
  now: number,
): AsyncGenerator<Notice[]> {
  const recipients = rememberedRecipients(reader, now)
  for (let tokens = await page(0); tokens.length > 0; tokens = await page(tokens.at(-1)?.id ?? 0)) {
    const had = await told(
      reader,
      column,
      tokens.map((token) => token.id),
    )
    const found: Notice[] = []
    for (const token of tokens) {
      const days = windowFor(token)
      if (days === undefined || !isDue(had.get(token.id), days)) continue
      const none = { access_token_id: null, deploy_token_id: null }
      for (const user_id of await recipients(token.home)) found.push({ ...none, [column]: token.id, days, user_id })
    }
    if (found.length > 0) yield found
  }
}

/** What is to be told today of tokens that end in the next sixty days. */
export async function* findExpiring(reader: Reader, now: number): AsyncGenerator<Notice[]> {
  const [from, to] = [dayOf(now), dayOf(now + 60 * day)]
  const windowFor = (token: Ending) => windowOf(token.expiresOn, now)
  yield* search(reader, 'access_token_id', (after) => accessTokens(reader, from, to, after), windowFor, now)
  yield* search(reader, 'deploy_token_id', (after) => deployTokens(reader, now, to, after), windowFor, now)
}

/** What is to be told of people's tokens that have ended after `since`, up to and with today. */
export async function* findExpired(reader: Reader, since: Day, now: number): AsyncGenerator<Notice[]> {
  const [from, to] = [dayOf(Date.parse(since) + day), dayOf(now)]
  const windowFor = (token: Ending) => (token.home.kind === 'user' ? 0 : undefined)
  yield* search(reader, 'access_token_id', (after) => accessTokens(reader, from, to, after), windowFor, now)
}
