import type { Entry } from '../../access/gate.ts'
import type { Refusal } from '../../core/refusal.ts'
import type { Ending } from '../../git/engine.ts'
import { type LogFields, projectFields, refusalFields, whoFields } from '../../log.ts'
import type { LogLevelOfRequest } from '../request-log.ts'
import type { Words } from './words.ts'

/** How a request to the git door ended, for the log. */
export interface Outcome {
  readonly status: number
  /** What the gate said, where it was asked. */
  readonly entry?: Entry<unknown>
  readonly refusal?: Refusal
  /** Why the door itself did not take the request, or why a transfer was cut off. */
  readonly reason?: string
  readonly refs?: number
  /** The limit beyond which the request was. */
  readonly throttled?: string
}

/** The status that stands in the log where the client went away before an answer (as nginx logs it). */
export const clientGone = 499

const entryFields = (entry: Entry<unknown> | undefined): LogFields => ({
  ...whoFields(entry?.who),
  ...projectFields(entry?.project),
})

const wordFields = (words: Words): LogFields => {
  if (words.kind === 'git') return { 'meta.project': words.path, service: words.service, phase: words.phase }
  return words.kind === 'unknown-command' ? { 'meta.project': words.path } : {}
}

export const outcomeFields = (words: Words, outcome: Outcome): LogFields => ({
  status: outcome.status,
  ...wordFields(words),
  ...entryFields(outcome.entry),
  ...(outcome.refusal && refusalFields(outcome.refusal, outcome.entry?.who?.credential)),
  ...(outcome.refusal?.reason === 'address_banned' && { env: 'blocklist' }),
  ...(outcome.throttled !== undefined && {
    'meta.refusal_reason': 'request_throttled',
    env: 'throttle',
    matched: outcome.throttled,
  }),
  ...(outcome.reason !== undefined && { 'meta.refusal_reason': outcome.reason }),
  ...(outcome.refs !== undefined && { refs: outcome.refs }),
})

/** So GitLab's auth log calls a request that a ban or a limit stopped. */
export const outcomeMessage = ({ entry, refusal, throttled }: Outcome): string => {
  if (refusal?.reason === 'address_banned' || throttled !== undefined) return 'Rack_Attack'
  // So it calls a job that was let in.
  return entry?.who?.principal.kind === 'job' && refusal === undefined ? 'successful job token auth' : 'http request'
}

export const outcomeLevel = (outcome: Outcome): LogLevelOfRequest =>
  outcome.refusal === undefined && outcome.reason === undefined && outcome.throttled === undefined ? 'info' : 'warn'

/** The git process ended by itself and was content. */
export const isSuccess = (ending: Ending): boolean => ending.kind === 'exited' && ending.code === 0
