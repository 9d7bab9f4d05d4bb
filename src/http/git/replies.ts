import { type Disclosure, disclose } from '../../access/disclose.ts'
import type { Entry } from '../../access/gate.ts'
import { accessDenied } from '../../access/refuse.ts'
import type { Refusal } from '../../core/refusal.ts'
import { type Headers, sendText } from '../plain-text.ts'
import type { Visit } from '../request-log.ts'
import { type BadBody, discard } from './body.ts'
import { clientGone, type Outcome } from './outcome.ts'

interface Reply {
  readonly status: number
  readonly text: string
  readonly headers?: Headers
}

type Message = { readonly message: string }

/** `Basic` must be offered, or git throws a good credential away; the realm is what credential helpers look for. */
const challenge = (baseUrl: string): Reply => ({
  status: 401,
  text: accessDenied(baseUrl),
  headers: { 'WWW-Authenticate': 'Basic realm="GitLab"' },
})

/** What may be known of a refusal, in the words of HTTP. */
const replies = {
  challenge: (_: Message, baseUrl: string) => challenge(baseUrl),
  unchallenged: (_: Message, baseUrl: string) => ({ status: 401, text: accessDenied(baseUrl) }),
  hidden: ({ message }: Message) => ({ status: 404, text: message }),
  forbidden: ({ message }: Message) => ({ status: 403, text: message }),
  unprocessable: ({ message }: Message) => ({ status: 422, text: message }),
  banned: ({ message }: Message) => ({ status: 403, text: `${message}\n` }),
  busy: ({ message }: Message) => ({ status: 429, text: message, headers: { 'Retry-After': '5' } }),
  // A push whose refs are declined is answered in git's own words before this is reached.
  declined: ({ message }: Message) => ({ status: 403, text: message }),
} satisfies Record<Disclosure['kind'], (disclosure: Message, baseUrl: string) => Reply>

/** What a disclosure is over HTTP. */
export const replyTo = (disclosure: Disclosure, baseUrl: string): Reply =>
  replies[disclosure.kind]('message' in disclosure ? disclosure : { message: '' }, baseUrl)

/** How much of an unwanted body is read, so that the client comes to read the answer: bytes and milliseconds. */
const patience = { bytes: 2 ** 20, milliseconds: 10_000 }

/** Answers a request whose body, if it has one, is not wanted. */
export const turnAway = async ({ request, response, expectsContinue }: Visit, reply: Reply): Promise<void> => {
  const isRead = !expectsContinue && (await discard(request, patience))
  sendText(response, reply.status, reply.text, { ...(isRead ? {} : { Connection: 'close' }), ...reply.headers })
}

/** Answers a refusal of the gate with what this caller may know of it. */
export const refuse = async (visit: Visit, entry: Entry<unknown>, refusal: Refusal, baseUrl: string): Promise<Outcome> => {
  const reply = replyTo(disclose(refusal, entry.who?.principal), baseUrl)
  await turnAway(visit, reply)
  return { status: reply.status, entry, refusal }
}

/** `info/refs` for an unknown service: strangers are asked to log in, others are told. */
export const refuseCommand = async (visit: Visit, entry: Entry<unknown>, baseUrl: string): Promise<Outcome> => {
  const isKnown = entry.who !== undefined && entry.who.principal.kind !== 'anonymous'
  const reply = isKnown ? { status: 403, text: "The command you're trying to execute is not allowed." } : challenge(baseUrl)
  await turnAway(visit, reply)
  return { status: reply.status, entry, reason: 'command_unknown' }
}

const reasons = { 400: 'body_malformed', 408: 'body_too_slow', 413: 'body_too_large' } as const

/** Answers a body that git was not given, or not whole. */
export const refuseBody = async (visit: Visit, bad: BadBody, entry: Entry<unknown>): Promise<Outcome> => {
  const { request } = visit
  if (request.destroyed && !request.complete) {
    return { status: clientGone, entry, reason: bad.status === 408 ? reasons[408] : 'client_gone' }
  }
  await turnAway({ ...visit, expectsContinue: false }, { status: bad.status, text: bad.message })
  return { status: bad.status, entry, reason: reasons[bad.status] }
}
