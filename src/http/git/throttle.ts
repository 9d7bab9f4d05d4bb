import type { Entry } from '../../access/gate.ts'
import type { Requester } from '../throttles.ts'
import type { Outcome } from './outcome.ts'
import { turnAway } from './replies.ts'
import type { GitDoorParts, GitRequest } from './transfer.ts'

const requesterOf = ({ who }: Entry<unknown>, address: string | undefined): Requester => {
  const principal = who?.principal
  if (principal?.kind === 'user') return { kind: 'user', id: principal.user.id }
  if (principal?.kind === 'deploy-token') return { kind: 'deploy_token', id: principal.id }
  return { kind: 'address', address }
}

/** Counts a request once it is known who asks, and answers it where there were too many. */
export const refuseThrottled = async (
  { throttles }: GitDoorParts,
  { visit }: Pick<GitRequest, 'visit'>,
  entry: Entry<unknown>,
): Promise<Outcome | undefined> => {
  const throttled = await throttles.take('git_http', requesterOf(entry, visit.address))
  if (throttled === undefined) return undefined
  await turnAway(visit, { status: 429, text: throttled.text, headers: throttled.headers })
  return { status: 429, entry, throttled: throttled.name }
}
