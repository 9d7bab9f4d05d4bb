import { createHash } from 'node:crypto'
import type { Day } from '../core/clock.ts'
import type { MailAddress } from '../core/mail.ts'
import type { Logger } from '../log.ts'
import { findExpired, findExpiring, type Notice } from '../store/notices/find.ts'
import { keepNotices, type Letter, putBack, setRefused, setState, takeLetter } from '../store/notices/letters.ts'
import type { Job } from '../store/notices/runs.ts'
import type { Store } from '../store/sqlite.ts'
import { mailHost, type Post } from './smtp.ts'
import { wordsOf } from './words.ts'

export interface RunParts {
  readonly store: Store
  readonly log: Logger
  /** Undefined: no mail server is set, so that nothing is sent, and nothing counts as sent. */
  readonly post: Post | undefined
  /** The sender; undefined: `sallyport@` and the host of the base URL. */
  readonly from: MailAddress | undefined
  readonly baseUrl: string
  readonly clock: () => number
  /** Ends a run between two letters. */
  readonly stopping: AbortSignal
}

/** What is asked of a run: which job, and up to which day it was done before. */
export interface Task {
  readonly job: Job
  readonly since: Day
}

/** `again`: something is left to be tried later. */
export type Outcome = 'done' | 'again' | 'stopped'

/** A letter that the mail server refused waits so long, in milliseconds. */
const pauseAfterRefusal = 3_600_000

/** The letter on its way when the server stops has so long, in milliseconds. */
const patienceAtStop = 5000

/** Names of users in one line of the log. */
const mostNamed = 50

const search = ({ store, clock }: RunParts, { job, since }: Task): AsyncGenerator<Notice[]> =>
  job === 'expiring' ? findExpiring(store.read, clock()) : findExpired(store.read, since, clock())

/** What would be written: told to the log, and to nobody else. */
const tellLog = async (parts: RunParts, task: Task): Promise<Outcome> => {
  const users = new Set<Notice['user_id']>()
  let notices = 0
  for await (const found of search(parts, task)) {
    notices += found.length
    for (const { user_id } of found) users.add(user_id)
    if (parts.stopping.aborted) return 'stopped'
  }
  const named = await parts.store.read
    .selectFrom('users')
    .select('username')
    .where('id', 'in', [...users].slice(0, mostNamed))
    .orderBy('id')
    .execute()
  const fields = { job: task.job, notices, users: users.size, usernames: named.map((row) => row.username) }
  parts.log[notices === 0 ? 'debug' : 'info'](fields, 'expiry notices are not sent: SALLYPORT_SMTP is not set')
  return 'done'
}

const messageIdOf = (letter: Letter, host: string): string => {
  const words = `${letter.to.id} ${letter.days} ${letter.kind} ${letter.notices.join(' ')}`
  return `<${createHash('sha256').update(words).digest('hex').slice(0, 32)}@${host}>`
}

const addressed = ({ baseUrl, from }: RunParts, letter: Letter) => {
  const host = mailHost(new URL(baseUrl).hostname)
  return {
    from: from ?? { name: 'Sallyport', address: `sallyport@${host}` },
    to: { name: letter.to.name, address: letter.to.email },
    messageId: messageIdOf(letter, host),
    ...wordsOf(letter, baseUrl),
  }
}

const settleRefused = async ({ store, log, clock }: RunParts, letter: Letter, why: string): Promise<'left' | 'settled'> => {
  const became = await setRefused(store, letter, clock() + pauseAfterRefusal)
  log.warn({ user_id: letter.to.id, why, became }, 'the mail server refused an expiry notice')
  return became === 'given-up' ? 'settled' : 'left'
}

/** Sends one letter, and keeps what became of it. The state is on disk before the mail server reads the first byte. */
const send = async (parts: RunParts, post: Post, letter: Letter): Promise<'sent' | 'settled' | 'left' | 'unreachable'> => {
  const { store, log } = parts
  const delivery = await post.send(addressed(parts, letter), () => setState(store.write, letter.notices, 'handed'))
  if (delivery.kind === 'delivered') {
    await setState(store.write, letter.notices, 'sent')
    return 'sent'
  }
  if (delivery.kind === 'refused') return settleRefused(parts, letter, delivery.why)
  if (delivery.kind === 'unsure') {
    await setState(store.write, letter.notices, 'unsure')
    log.warn({ user_id: letter.to.id, why: delivery.why }, 'an expiry notice may have arrived or not; it is not sent again')
    return 'settled'
  }
  await putBack(store, letter)
  log.error({ why: delivery.why }, 'the mail server cannot be used; expiry notices are tried again later')
  return 'unreachable'
}

const sendAll = async (parts: RunParts, post: Post, job: Job): Promise<Outcome> => {
  const counts = { sent: 0, left: 0, settled: 0, unreachable: 0 }
  while (!parts.stopping.aborted && counts.unreachable === 0) {
    const letter = await takeLetter(parts.store, parts.clock())
    if (letter === undefined) break
    counts[await send(parts, post, letter)] += 1
  }
  if (counts.sent > 0) parts.log.info({ job, mails: counts.sent, refused: counts.left }, 'expiry notices were sent')
  if (parts.stopping.aborted) return 'stopped'
  return counts.left + counts.unreachable > 0 ? 'again' : 'done'
}

/**
 * One run: finds whom to tell of what, keeps that, and sends what waits (gitlab `PersonalAccessTokens::ExpiringWorker`,
 * `…::ExpiredNotificationWorker`, `DeployTokens::ExpiringWorker`). Several runs at the same time send each letter once.
 */
export const runNotices = async (parts: RunParts, task: Task): Promise<Outcome> => {
  if (parts.post === undefined) return tellLog(parts, task)
  for await (const found of search(parts, task)) {
    await keepNotices(parts.store, found, parts.clock())
    if (parts.stopping.aborted) return 'stopped'
  }
  const { post, stopping } = parts
  const giveUp = (): unknown => setTimeout(() => post.close(), patienceAtStop).unref()
  stopping.addEventListener('abort', giveUp)
  try {
    return await sendAll(parts, post, task.job)
  } finally {
    stopping.removeEventListener('abort', giveUp)
    post.close()
  }
}
