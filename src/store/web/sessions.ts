import { sql } from 'kysely'
import { inactiveReason } from '../../access/rules/user-state.ts'
import type { UserId } from '../../core/ids.ts'
import type { User } from '../../core/principal.ts'
import type { Secret } from '../../core/secret.ts'
import { digestOf } from '../../tokens/digest.ts'
import { type MadeToken, makeToken } from '../../tokens/make.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import { toUser } from '../user-row.ts'
import { type Account, userById } from '../users.ts'
import type { WebSessionsTable } from './schema.ts'

const minute = 60_000
const hour = 60 * minute

/** How long a session lasts, in milliseconds: whatever is done in it, and without a request. */
export const sessionLife = {
  'signed-in': { most: 12 * hour, idle: 2 * hour },
  'second-step': { most: 5 * minute, idle: 5 * minute },
} as const

/** Of one user, at one stage; the oldest go beyond that. */
const mostOfUser = 50

/** Wrong codes after which the password is asked for again. */
const mostFailures = 5

/** A session is marked as seen at most that often. */
const seenEvery = minute

export interface WebSession {
  readonly id: number
  readonly stage: WebSessionsTable['stage']
  /** As access rules see the user. */
  readonly user: User
  readonly account: Account
  /** When the user signed in, in milliseconds. */
  readonly startedAt: number
  readonly seenAt: number
}

/** Accounts that were deactivated come back by signing in, so they may be on their way. */
const mayHold = (stage: WebSession['stage'], user: User): boolean => {
  const reason = inactiveReason(user)
  return reason === undefined || (stage === 'second-step' && reason === 'user_deactivated')
}

/** The session of a cookie, at either stage; undefined where it has ended, or never began. */
export const anySessionOf = async (read: Reader, cookie: Secret, now: number): Promise<WebSession | undefined> => {
  if (cookie.isEmpty) return undefined
  const row = await read.selectFrom('web_sessions').selectAll().where('digest', '=', digestOf(cookie)).executeTakeFirst()
  if (row === undefined) return undefined
  const seenAt = Date.parse(row.seen_at)
  if (Date.parse(row.ends_at) <= now || seenAt + sessionLife[row.stage].idle <= now) return undefined
  const account = await userById(read, row.user_id)
  if (account === undefined || account.kind !== 'human') return undefined
  const user = toUser(account, now)
  if (!mayHold(row.stage, user)) return undefined
  return { id: row.id, stage: row.stage, user, account, startedAt: Date.parse(row.created_at), seenAt }
}

/** Makes room for one more. Each stage by itself: whoever has but the password ends no session of who has both. */
const sweep = async (writer: Writer, user: UserId, stage: WebSession['stage'], now: number): Promise<void> => {
  await writer.deleteFrom('web_sessions').where('ends_at', '<=', instantOf(now)).execute()
  const oldest = writer
    .selectFrom('web_sessions')
    .select('id')
    .where('user_id', '=', user)
    .where('stage', '=', stage)
    .orderBy('id', 'desc')
    .limit(-1)
    .offset(mostOfUser - 1)
  await writer.deleteFrom('web_sessions').where('id', 'in', oldest).execute()
}

/** Begins a session under a cookie of its own, whatever the browser had before. */
export const beginSession = async (
  writer: Writer,
  user: UserId,
  stage: WebSessionsTable['stage'],
  now: number,
): Promise<MadeToken> => {
  await sweep(writer, user, stage, now)
  const made = makeToken('')
  const [at, end] = [instantOf(now), instantOf(now + sessionLife[stage].most)]
  await writer
    .insertInto('web_sessions')
    .values({ user_id: user, digest: made.digest, stage, failures: 0, created_at: at, seen_at: at, ends_at: end })
    .execute()
  return made
}

/** Ends the session of a cookie, if there is one. */
export const endSession = async (writer: Pick<Writer, 'deleteFrom'>, cookie: Secret): Promise<void> => {
  await writer.deleteFrom('web_sessions').where('digest', '=', digestOf(cookie)).execute()
}

/** Ends all of a user, in whatever browser. */
export const endSessionsOf = async (writer: Writer, user: UserId): Promise<void> => {
  await writer.deleteFrom('web_sessions').where('user_id', '=', user).execute()
}

/** Keeps a session alive. */
export const markSeen = async (store: Store, session: WebSession, now: number): Promise<void> => {
  if (session.seenAt + seenEvery > now) return
  await store.write
    .updateTable('web_sessions')
    .set({ seen_at: instantOf(now) })
    .where('id', '=', session.id)
    .execute()
}

/** Counts a wrong code; after some the session is over, and the password is asked for again. */
export const countWrongCode = (store: Store, session: WebSession): Promise<'asked again' | 'ended'> =>
  store.write.transaction().execute(async (writer) => {
    const row = await writer
      .updateTable('web_sessions')
      .set({ failures: sql<number>`failures + 1` })
      .where('id', '=', session.id)
      .returning('failures')
      .executeTakeFirst()
    if (row !== undefined && row.failures < mostFailures) return 'asked again'
    await writer.deleteFrom('web_sessions').where('id', '=', session.id).execute()
    return 'ended'
  })
