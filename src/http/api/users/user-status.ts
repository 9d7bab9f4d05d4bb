import { z } from 'zod'
import { clearStatus, setStatus, statusOf, type UserStatus } from '../../../store/user-status.ts'
import { type Account, findUser } from '../../../store/users.ts'
import { type Answer, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { maybeMoment, maybeWords } from '../entity-words.ts'
import { notFound, validation } from '../errors.ts'
import { oneOf, optional, text } from '../input.ts'

/** gitlab `API::Entities::UserStatus`. */
const statusEntity = z
  .object({
    emoji: maybeWords,
    message: maybeWords,
    availability: maybeWords,
    message_html: maybeWords,
    clear_status_at: maybeMoment,
  })
  .meta({ id: 'UserStatus' })

const silent = { emoji: null, message: null, availability: null, message_html: null, clear_status_at: null } as const

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (plain: string): string => plain.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign)

const shape = (status: UserStatus | undefined): z.output<typeof statusEntity> => {
  if (status === undefined) return silent
  const { emoji, message, availability, clear_status_at } = status
  return { emoji, message, availability, message_html: escaped(message), clear_status_at }
}

const show = async (call: Call, { id }: Pick<Account, 'id'>): Promise<Answer> =>
  ok(shape(await statusOf(call.parts.store.read, id, call.now)))

const ofAnyone = async (call: Call): Promise<Answer> => {
  const user = await findUser(call.parts.store.read, call.word('id'))
  if (user === undefined) throw notFound('User')
  return show(call, user)
}

const day = 86_400_000

/** How long a status stands, by GitLab's names. */
const spans: Readonly<Record<string, number>> = {
  '30_minutes': day / 48,
  '3_hours': day / 8,
  '8_hours': day / 3,
  '1_day': day,
  '3_days': 3 * day,
  '7_days': 7 * day,
  '30_days': 30 * day,
}

const longestMessage = 100

const input = z.object({
  emoji: optional(text(100)),
  message: optional(text(10_000)),
  availability: optional(oneOf(['not_set', 'busy'])),
  clear_status_after: optional(oneOf(Object.keys(spans))),
})

const usualEmoji = 'speech_balloon'

/** GitLab knows emoji by name; what is no name of that form is none. */
const refuse = ({ emoji, message = '' }: z.output<typeof input>): void => {
  if (emoji !== undefined && !/^[\w+-]+$/.test(emoji)) throw validation({ emoji: ['is not a valid emoji name'] })
  if (message.length > longestMessage) {
    throw validation({ message: [`is too long (maximum is ${longestMessage} characters)`] })
  }
}

/** Without a word, the status is taken away. */
const set = async (call: Call): Promise<Answer> => {
  const { user } = requireUser(call.caller)
  const given = call.read(input)
  refuse(given)
  const { emoji = usualEmoji, message = '', availability = 'not_set', clear_status_after: span } = given
  const says = given.emoji !== undefined || message !== '' || availability === 'busy'
  const clearAt = span === undefined ? null : new Date(call.now + (spans[span] ?? 0)).toISOString()
  const status = { user_id: user.id, emoji, message, availability, clear_status_at: clearAt }
  await call.parts.store.write
    .transaction()
    .execute((transaction) => (says ? setStatus(transaction, status) : clearStatus(transaction, user.id)))
  return show(call, user)
}

const scopes = ['read_user']

/** gitlab `lib/api/users.rb`, "user status". */
export const userStatusRoutes: readonly Route[] = [
  route('GET', '/user/status', {
    scopes,
    output: statusEntity,
    handler: (call) => show(call, requireUser(call.caller).user),
  }),
  route('PUT', '/user/status', { input: [input], output: statusEntity, handler: set }),
  route('GET', '/users/:id/status', { scopes, open: true, output: statusEntity, handler: ofAnyone }),
]
