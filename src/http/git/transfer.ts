import type { ServerResponse } from 'node:http'
import type { Admission } from '../../access/decide.ts'
import type { Gate, Knock } from '../../access/gate.ts'
import type { RunningTransfers } from '../../access/running.ts'
import { timeLeft } from '../../access/time-left.ts'
import type { Action } from '../../core/action.ts'
import type { Clock } from '../../core/clock.ts'
import type { RefusalWatch } from '../../core/refused-use.ts'
import { type Ending, type GitEngine, serverIsBusy } from '../../git/engine.ts'
import type { Logger } from '../../log.ts'
import { noCache } from '../plain-text.ts'
import type { Visit } from '../request-log.ts'
import type { Throttles } from '../throttles.ts'
import { clientGone, isSuccess, type Outcome } from './outcome.ts'
import { turnAway } from './replies.ts'
import type { GitWords } from './words.ts'

export interface GitDoorParts {
  readonly gate: Gate
  readonly engine: GitEngine
  readonly running: RunningTransfers
  readonly refusals: RefusalWatch
  readonly throttles: Throttles
  readonly log: Logger
  readonly clock: Clock
  /** Largest push, in bytes. */
  readonly maxPush: number
  /** How long the body of a fetch may take to arrive, in milliseconds. */
  readonly fetchPatience: number
  /** Public base URL, for links and for the address of a project that moved. */
  readonly baseUrl: () => string
}

/** A request that the git door serves: what it asks, by whom, on which visit. */
export interface GitRequest {
  readonly visit: Visit
  readonly words: GitWords
  readonly knock: Knock
}

export const fetching: Action = { kind: 'pull', service: 'upload-pack' }
export const pushing: Action = { kind: 'push', updates: 'unknown' }

/** What a transfer was admitted for, to be asked again while it is under way. */
interface Asked {
  readonly knock: Knock
  readonly action: Action
  readonly admission: Admission
}

/** Prepares the answer; its head goes out with git's first byte, so that until then it can still become another one. */
export const prepare = (response: ServerResponse, service: GitWords['service'], what: 'advertisement' | 'result'): void => {
  response.statusCode = 200
  response.setHeader('Content-Type', `application/x-git-${service}-${what}`)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  for (const [name, value] of Object.entries(noCache)) response.setHeader(name, value)
}

/** Runs a transfer that ends at once when its admission would no longer be given. */
export const follow = async <Result>(
  { gate, running, clock }: GitDoorParts,
  { knock, action, admission }: Asked,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const ask = () => gate.stillAdmits(knock, action, admission)
  const followed = running.follow(ask, timeLeft(admission, clock()))
  try {
    return await work(followed.signal)
  } finally {
    followed.end()
  }
}

/** How git says that what it was sent makes no sense (`die` of git's `usage.c`). */
const died = 128

/** Closes the answer as git's ending asks for. A failure of git that is not the client's doing is thrown. */
export const conclude = async (visit: Visit, ending: Ending, said: Omit<Outcome, 'status'>): Promise<Outcome> => {
  const { response } = visit
  if (ending.kind === 'aborted') {
    const status = response.headersSent ? 200 : clientGone
    response.destroy()
    return { ...said, status, reason: ending.reason }
  }
  if (ending.kind === 'busy') {
    await turnAway({ ...visit, expectsContinue: false }, { status: 503, text: serverIsBusy, headers: { 'Retry-After': '5' } })
    return { ...said, status: 503, reason: 'git_busy' }
  }
  if (response.headersSent || isSuccess(ending)) {
    response.end()
    if (ending.declined !== undefined) return { ...said, status: 200, refusal: ending.declined }
    return isSuccess(ending) ? { ...said, status: 200 } : { ...said, status: 200, reason: `git_exit_${ending.code}` }
  }
  if (ending.code !== died) throw new Error(`git ended with ${ending.code} and no answer`)
  await turnAway(visit, { status: 400, text: 'The request is not one that git understands.' })
  return { ...said, status: 400, reason: 'git_request_malformed' }
}
