import { dayHasCome } from '../../core/clock.ts'
import type { AccessTokenId, DeployTokenId, NamespaceId, ProjectId, UserId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader } from '../routes.ts'
import type { ExpiryNoticesTable } from '../schema.ts'
import type { Store } from '../sqlite.ts'
import { accessTokenHome, type Notice, type Window, windowOf } from './find.ts'
import { recipientsOf, type TokenHome } from './recipients.ts'

type State = ExpiryNoticesTable['state']

/** Words that go to one user together: on the same window and kind of token, and of the same project or group. */
export interface Letter {
  /** Of the rows in the store. */
  readonly notices: readonly number[]
  readonly to: { readonly id: UserId; readonly username: string; readonly name: string; readonly email: string }
  readonly days: Window
  readonly kind: 'access-token' | 'deploy-token'
  /** The path of a project or group; of a person the username. */
  readonly home: { readonly kind: TokenHome['kind']; readonly id: number; readonly path: string }
  readonly tokenNames: readonly string[]
}

/** Rows of one statement. */
const atOnce = 500

/** Keeps what is to be told. What is kept already, by a run at the same time too, stays as it is. */
export const keepNotices = (store: Store, notices: readonly Notice[], now: number): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    for (let at = 0; at < notices.length; at += atOnce) {
      const rows = notices
        .slice(at, at + atOnce)
        .map((notice) => ({ ...notice, state: 'waiting' as const, tries: 0, not_before: instantOf(now) }))
      await transaction
        .insertInto('expiry_notices')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })

const selectWaiting = (reader: Reader, now: number) =>
  reader
    .selectFrom('expiry_notices')
    .leftJoin('access_tokens', 'access_tokens.id', 'expiry_notices.access_token_id')
    .leftJoin('users as holder', 'holder.id', 'access_tokens.user_id')
    .leftJoin('deploy_tokens', 'deploy_tokens.id', 'expiry_notices.deploy_token_id')
    .select(['expiry_notices.id', 'days', 'expiry_notices.user_id', 'access_token_id', 'deploy_token_id'])
    .select(['access_tokens.name', 'access_tokens.revoked', 'access_tokens.expires_at', 'access_tokens.user_id as holder_id'])
    .select(['holder.bot_project_id', 'holder.bot_group_id'])
    .select(['deploy_tokens.name as deploy_name', 'deploy_tokens.revoked as deploy_revoked'])
    .select(['deploy_tokens.expires_at as deploy_expires_at', 'deploy_tokens.project_id as deploy_project_id'])
    .where('expiry_notices.state', '=', 'waiting')
    .where('not_before', '<=', instantOf(now))

interface Waiting {
  readonly id: number
  readonly days: Window
  readonly user_id: UserId
  readonly access_token_id: AccessTokenId | null
  readonly deploy_token_id: DeployTokenId | null
  readonly name: string | null
  readonly revoked: number | null
  readonly expires_at: string | null
  readonly holder_id: UserId | null
  readonly bot_project_id: ProjectId | null
  readonly bot_group_id: NamespaceId | null
  readonly deploy_name: string | null
  readonly deploy_revoked: number | null
  readonly deploy_expires_at: string | null
  readonly deploy_project_id: ProjectId | null
}

const kindOf = (row: Waiting): Letter['kind'] => (row.access_token_id === null ? 'deploy-token' : 'access-token')

const homeOf = (row: Waiting): TokenHome => {
  if (row.deploy_project_id !== null) return { kind: 'project', id: row.deploy_project_id }
  return accessTokenHome({ ...row, user_id: row.holder_id ?? row.user_id })
}

const letterKey = (row: Waiting): string => {
  const home = homeOf(row)
  return `${row.days} ${kindOf(row)} ${home.kind} ${home.id}`
}

/** Whether what the row says is still so: a token may be revoked, or live longer, by the time that a letter goes. */
const isStillSo = (row: Waiting, now: number): boolean => {
  const expiresOn = (row.expires_at ?? row.deploy_expires_at ?? '').slice(0, 10)
  if (expiresOn === '' || (row.revoked ?? row.deploy_revoked) !== 0) return false
  const window = windowOf(expiresOn, now)
  return row.days === 0 ? dayHasCome(expiresOn, now) : window !== undefined && window <= row.days
}

export const setState = async (writer: Reader, notices: readonly number[], state: State): Promise<void> => {
  for (let at = 0; at < notices.length; at += atOnce) {
    const some = notices.slice(at, at + atOnce)
    await writer.updateTable('expiry_notices').set({ state }).where('id', 'in', some).execute()
  }
}

const pathOf = async (reader: Reader, home: TokenHome): Promise<string | undefined> => {
  if (home.kind === 'user') {
    return (await reader.selectFrom('users').select('username').where('id', '=', home.id).executeTakeFirst())?.username
  }
  const routes = reader.selectFrom('routes').select('path')
  const route = home.kind === 'project' ? routes.where('project_id', '=', home.id) : routes.where('namespace_id', '=', home.id)
  return (await route.executeTakeFirst())?.path
}

const write = async (reader: Reader, rows: readonly Waiting[], now: number): Promise<Omit<Letter, 'notices'> | undefined> => {
  const [first] = rows
  if (first === undefined) return undefined
  const home = homeOf(first)
  const path = await pathOf(reader, home)
  const to = await reader
    .selectFrom('users')
    .select(['id', 'username', 'name', 'email'])
    .where('id', '=', first.user_id)
    .executeTakeFirst()
  if (path === undefined || to === undefined || !(await recipientsOf(reader, home, now)).includes(to.id)) return undefined
  const tokenNames = rows.map((row) => row.name ?? row.deploy_name ?? '')
  return { to, days: first.days, kind: kindOf(first), home: { ...home, path }, tokenNames }
}

const waitingTogether = async (reader: Reader, now: number): Promise<readonly Waiting[]> => {
  const first = await selectWaiting(reader, now).orderBy('expiry_notices.id').limit(1).executeTakeFirst()
  if (first === undefined) return []
  const ofUser = await selectWaiting(reader, now)
    .where('expiry_notices.user_id', '=', first.user_id)
    .orderBy('expiry_notices.id')
    .execute()
  return ofUser.filter((row) => letterKey(row) === letterKey(first))
}

/**
 * Takes the next letter, so that no other run takes it: its notices are this run's to settle. What is no longer so is
 * let go. Undefined: nothing waits.
 */
export const takeLetter = (store: Store, now: number): Promise<Letter | undefined> =>
  store.write.transaction().execute(async (transaction) => {
    for (;;) {
      const together = await waitingTogether(transaction, now)
      if (together.length === 0) return undefined
      const rows = together.filter((row) => isStillSo(row, now))
      const letter = await write(transaction, rows, now)
      const notices = letter === undefined ? [] : rows.map((row) => row.id)
      const rest = together.map((row) => row.id).filter((id) => !notices.includes(id))
      await setState(transaction, rest, 'void')
      await setState(transaction, notices, 'taken')
      if (letter !== undefined) return { ...letter, notices }
    }
  })

/** Puts a letter back that the mail server never saw. */
export const putBack = (store: Store, { notices }: Letter): Promise<void> => setState(store.write, notices, 'waiting')

/** So often a letter that the mail server refuses is tried. */
const mostTries = 5

/** After a refusal: tried again later, or given up. Answers with what became of it. */
export const setRefused = (store: Store, { notices }: Letter, again: number): Promise<'waiting' | 'given-up'> =>
  store.write.transaction().execute(async (transaction) => {
    await setState(transaction, notices, 'waiting')
    await transaction
      .updateTable('expiry_notices')
      .set((row) => ({ tries: row('tries', '+', 1), not_before: instantOf(again) }))
      .where('id', 'in', notices)
      .execute()
    const { numUpdatedRows } = await transaction
      .updateTable('expiry_notices')
      .set({ state: 'given-up' })
      .where('id', 'in', notices)
      .where('tries', '>=', mostTries)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n ? 'given-up' : 'waiting'
  })

/**
 * Settles what a server that was killed left behind; only for the one process that holds the home, before its first run.
 * A letter that the mail server was reading may have arrived: it is not sent again. Answers with how many words those are.
 */
export const settleLeftNotices = (store: Store): Promise<number> =>
  store.write.transaction().execute(async (transaction) => {
    await transaction.updateTable('expiry_notices').set({ state: 'waiting' }).where('state', '=', 'taken').execute()
    const { numUpdatedRows } = await transaction
      .updateTable('expiry_notices')
      .set({ state: 'unsure' })
      .where('state', '=', 'handed')
      .executeTakeFirstOrThrow()
    return Number(numUpdatedRows)
  })
