import type { Readable } from 'node:stream'
import { type Disclosure, disclose } from '../../access/disclose.ts'
import { type Entry, wasRefused } from '../../access/gate.ts'
import { movedNotice } from '../../access/moved.ts'
import type { Refusal } from '../../core/refusal.ts'
import { readPushHead } from '../../git/push-options.ts'
import { MalformedPush, type PushRequest } from '../../git/ref-commands.ts'
import { declinedReport } from '../../git/report-status.ts'
import type { Visit } from '../request-log.ts'
import { BadBody, discard, openPushBody } from './body.ts'
import type { Outcome } from './outcome.ts'
import { refuse, refuseBody } from './replies.ts'
import { enterToPush } from './throttle.ts'
import { conclude, follow, type GitDoorParts, type GitRequest, prepare } from './transfer.ts'

/** What a push may hold besides its pack: commands, push options. */
const headroom = 32 * 2 ** 20

/** The head of the push, or why it is none. */
const readHead = async (body: Readable): Promise<PushRequest | BadBody> => {
  try {
    return await readPushHead(body)
  } catch (error) {
    if (!(error instanceof MalformedPush)) throw error
    return body.errored instanceof BadBody ? body.errored : new BadBody(400, `The push is malformed: ${error.message}.`)
  }
}

/** Reads what is left of the request after its answer, within bounds, so that the connection can serve another one. */
const readOut = async ({ request }: Visit, bytes: number): Promise<void> => {
  if (!(await discard(request, { bytes }))) request.destroy()
}

/** The large push asks with an empty one first whether it is welcome (`send-pack`, `rpc_service` of git's `remote-curl.c`). */
const answerProbe = async (visit: Visit, entry: Entry<unknown>): Promise<Outcome> => {
  prepare(visit.response, 'receive-pack', 'result')
  visit.response.end()
  await readOut(visit, headroom)
  return { status: 200, entry, refs: 0 }
}

type Declined = Extract<Disclosure, { kind: 'declined' }>

/** A push whose refs are declined is read to its end and answered as git itself answers; git is not started. */
const decline = async (
  parts: GitDoorParts,
  visit: Visit,
  body: Readable,
  push: PushRequest,
  { message }: Declined,
): Promise<void> => {
  const isWhole = await discard(body, { bytes: parts.maxPush + headroom })
  if (!isWhole) visit.response.setHeader('Connection', 'close')
  prepare(visit.response, 'receive-pack', 'result')
  visit.response.end(declinedReport(push, message))
}

const refusePush = async (
  parts: GitDoorParts,
  visit: Visit,
  body: Readable,
  push: PushRequest,
  entry: Entry<unknown>,
  refusal: Refusal,
): Promise<Outcome> => {
  const disclosure = disclose(refusal, entry.who?.principal)
  if (disclosure.kind !== 'declined') return refuse({ ...visit, expectsContinue: false }, entry, refusal, parts.baseUrl())
  await decline(parts, visit, body, push, disclosure)
  return { status: 200, entry, refusal, refs: push.updates.length }
}

/** With the commands read: decides on them, and only then starts git. */
const takePush = async (parts: GitDoorParts, asked: GitRequest, body: Readable, push: PushRequest): Promise<Outcome> => {
  const { visit, knock } = asked
  const entry = await parts.gate.push(knock, push.updates)
  const { decision } = entry
  if (wasRefused(decision)) return refusePush(parts, visit, body, push, entry, decision)
  prepare(visit.response, 'receive-pack', 'result')
  const ends = { input: body, output: visit.response, errors: undefined }
  const notice = movedNotice(entry, parts.baseUrl())
  const ending = await follow(parts, { knock, action: { kind: 'push', updates: push.updates }, admission: decision }, (signal) =>
    parts.engine.receivePack(decision, push, ends, signal, notice),
  )
  if (body.errored instanceof BadBody) return refuseBody(visit, body.errored, entry)
  const outcome = await conclude(visit, ending, { entry, refs: push.updates.length })
  await readOut(visit, parts.maxPush)
  return outcome
}

/**
 * `POST git-receive-pack`. Asked twice: whether to push at all, before a byte of the body is read, and again with the
 * ref updates. Nothing is taken over from `info/refs`.
 */
export const push = async (parts: GitDoorParts, asked: GitRequest): Promise<Outcome> => {
  const { visit, words } = asked
  const { entry, throttled } = await enterToPush(parts, asked)
  if (throttled !== undefined) return throttled
  if (wasRefused(entry.decision)) return refuse(visit, entry, entry.decision, parts.baseUrl())
  if (visit.expectsContinue) visit.response.writeContinue()
  const body = openPushBody(visit.request, words.compressed, parts.maxPush + headroom)
  const head = await readHead(body)
  if (head instanceof BadBody) return refuseBody(visit, head, entry)
  return head.updates.length === 0 ? answerProbe(visit, entry) : takePush(parts, asked, body, head)
}
