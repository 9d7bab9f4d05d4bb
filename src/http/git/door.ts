import type { Knock } from '../../access/gate.ts'
import { refusedUse } from '../../access/refused-use.ts'
import { diskTroubleOf, diskTroubleRetry, diskTroubleWords } from '../../core/disk-trouble.ts'
import { type Headers, sendText } from '../plain-text.ts'
import { logRequest, pathOf, type Visit } from '../request-log.ts'
import { presentedBy } from './credentials.ts'
import { advertise, fetch } from './fetch.ts'
import { type Outcome, outcomeFields, outcomeLevel, outcomeMessage } from './outcome.ts'
import { push } from './push.ts'
import { refuse, refuseCommand, turnAway } from './replies.ts'
import { refuseThrottled } from './throttle.ts'
import type { GitDoorParts, GitRequest } from './transfer.ts'
import type { DoorAnswer, GitWords, Words } from './words.ts'

export type { GitDoorParts }

const answerAtDoor = async (visit: Visit, words: DoorAnswer): Promise<Outcome> => {
  await turnAway(visit, words)
  return { status: words.status, reason: words.reason }
}

/** Asks who it is as a fetch would, since the answer depends on that alone. */
const unknownCommand = async (parts: GitDoorParts, visit: Visit, knock: Knock): Promise<Outcome> => {
  const entry = await parts.gate.pull(knock, 'upload-pack')
  const throttled = await refuseThrottled(parts, { visit }, entry)
  if (throttled !== undefined) return throttled
  const isUnknown = entry.who === undefined && 'reason' in entry.decision
  return isUnknown ? refuse(visit, entry, entry.decision, parts.baseUrl()) : refuseCommand(visit, entry, parts.baseUrl())
}

const handlers: Record<
  `${GitWords['service']} ${GitWords['phase']}`,
  (parts: GitDoorParts, asked: GitRequest) => Promise<Outcome>
> = {
  'upload-pack advertise': advertise,
  'upload-pack rpc': fetch,
  'receive-pack advertise': advertise,
  'receive-pack rpc': push,
}

const knockOf = ({ request, address }: Visit, path: string): Knock => ({
  presented: presentedBy(request.headers.authorization),
  path,
  address,
  request: { method: request.method ?? '', path: pathOf(request) },
})

const serve = async (parts: GitDoorParts, visit: Visit, words: Words): Promise<Outcome> => {
  if (words.kind === 'answer') return answerAtDoor(visit, words)
  const knock = knockOf(visit, words.path)
  if (words.kind === 'unknown-command') return unknownCommand(parts, visit, knock)
  return handlers[`${words.service} ${words.phase}`](parts, { visit, words, knock })
}

const tellRefusal = ({ refusals, clock }: GitDoorParts, { address }: Visit, words: Words, { refusal, entry }: Outcome): void => {
  if (refusal === undefined) return
  const push = words.kind === 'git' && words.service === 'receive-pack'
  refusals.refused(refusedUse(refusal, entry, { door: 'http', push, address, at: clock() }))
}

const answerToFault = (fault: unknown): { status: number; text: string; headers: Headers } => {
  const trouble = diskTroubleOf(fault)
  if (trouble === undefined) return { status: 500, text: 'Something went wrong on the server.', headers: {} }
  return { status: 503, text: diskTroubleWords[trouble], headers: { 'Retry-After': String(diskTroubleRetry) } }
}

/** Git over HTTP: words → gate → git and back, with one log line whatever happens. A fault becomes a 500 or 503 with its id. */
export const handleGit = async (parts: GitDoorParts, visit: Visit, words: Words): Promise<void> => {
  const { log, clock } = parts
  try {
    const outcome = await serve(parts, visit, words)
    tellRefusal(parts, visit, words, outcome)
    logRequest(log, clock, visit, outcomeLevel(outcome), outcomeFields(words, outcome), outcomeMessage(outcome))
  } catch (fault) {
    const { status, text, headers } = answerToFault(fault)
    sendText(visit.response, status, `${text} Its log has more under ${visit.id}.`, { Connection: 'close', ...headers })
    logRequest(log.child({ err: fault }), clock, visit, 'error', outcomeFields(words, { status }))
  }
}
