import type { Admission } from '../../access/decide.ts'
import type { Entry } from '../../access/gate.ts'
import type { Authenticated } from '../../core/credential.ts'
import type { Requester, Throttled } from '../throttles.ts'
import type { Outcome } from './outcome.ts'
import { turnAway } from './replies.ts'
import type { GitDoorParts, GitRequest } from './transfer.ts'

/** By whom a request is counted; `who` is undefined where nobody was recognised. */
export const requesterOf = (who: Authenticated | undefined, address: string | undefined): Requester => {
  const principal = who?.principal
  if (principal?.kind === 'user') return { kind: 'user', id: principal.user.id }
  if (principal?.kind === 'job' && principal.user !== undefined) return { kind: 'user', id: principal.user.id }
  if (principal?.kind === 'deploy-token') return { kind: 'deploy_token', id: principal.id }
  return { kind: 'address', address }
}

type Counting = (who: Authenticated | undefined) => Promise<Throttled | undefined>

const counting =
  ({ throttles }: GitDoorParts, { visit }: Pick<GitRequest, 'visit'>): Counting =>
  (who) =>
    throttles.take('git_http', requesterOf(who, visit.address))

/** Counts a request once it is known who asks, and answers it where there were too many. */
export const refuseThrottled = async (
  parts: GitDoorParts,
  asked: Pick<GitRequest, 'visit'>,
  entry: Entry<unknown>,
  count: Counting = counting(parts, asked),
): Promise<Outcome | undefined> => {
  const throttled = await count(entry.who)
  if (throttled === undefined) return undefined
  await turnAway(asked.visit, { status: 429, text: throttled.text, headers: throttled.headers })
  return { status: 429, entry, throttled: throttled.name }
}

interface Entered<Granted> {
  readonly entry: Entry<Granted>
  /** How the request ended already, being one too many. */
  readonly throttled: Outcome | undefined
}

/** Asks for a fetch. */
export const enterToFetch = async (parts: GitDoorParts, asked: GitRequest): Promise<Entered<Admission<'upload-pack'>>> => {
  const entry = await parts.gate.pull(asked.knock, 'upload-pack')
  return { entry, throttled: await refuseThrottled(parts, asked, entry) }
}

/** Asks whether one may push at all. A request that is one too many makes no project: it is counted before that. */
export const enterToPush = async (parts: GitDoorParts, asked: GitRequest): Promise<Entered<Admission<'advertise-push'>>> => {
  let counted: ReturnType<Counting> | undefined
  const countOnce: Counting = (who) => {
    counted ??= counting(parts, asked)(who)
    return counted
  }
  const entry = await parts.gate.advertisePush(asked.knock, async (who) => (await countOnce(who)) === undefined)
  return { entry, throttled: await refuseThrottled(parts, asked, entry, countOnce) }
}
