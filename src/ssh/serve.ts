import type { Admission } from '../access/decide.ts'
import type { Gate, Knock } from '../access/gate.ts'
import { wasRefused } from '../access/gate.ts'
import type { RunningTransfers } from '../access/running.ts'
import { timeLeft } from '../access/time-left.ts'
import type { Action } from '../core/action.ts'
import type { Clock } from '../core/clock.ts'
import type { RefusalWatch } from '../core/refused-use.ts'
import type { Ending, GitEngine } from '../git/engine.ts'
import type { Logger } from '../log.ts'
import type { ChannelEnds } from './channel-ends.ts'
import { type Outcome, refuse, settle } from './outcome.ts'

/** What serving needs of the rest of the house. */
export interface ServeParts {
  readonly gate: Gate
  readonly engine: GitEngine
  readonly running: RunningTransfers
  readonly refusals: RefusalWatch
  readonly log: Logger
  readonly clock: Clock
  /** `ssh://git@host:port`, as clients reach us. Known once the door listens. */
  readonly sshUrl: () => string
  /** Largest pack that a push may bring, in bytes. */
  readonly maxPush: number
}

/** One request for a repository, on one channel. */
export interface Visit {
  readonly knock: Knock
  /** The client's `GIT_PROTOCOL`, already checked for form. */
  readonly protocol: string | undefined
  readonly ends: ChannelEnds
}

/** Runs a transfer that ends when its client leaves, when its admission falls, or when the server stops. */
export const underWatch = async (
  { gate, running, clock }: ServeParts,
  { knock, ends }: Visit,
  asked: { readonly action: Action; readonly admission: Admission },
  transfer: (signal: AbortSignal) => Promise<Ending>,
): Promise<Ending> => {
  const ask = () => gate.stillAdmits(knock, asked.action, asked.admission)
  const followed = running.follow(ask, timeLeft(asked.admission, clock()))
  try {
    return await transfer(AbortSignal.any([followed.signal, ends.gone]))
  } finally {
    followed.end()
  }
}

export const serveFetch = async (parts: ServeParts, visit: Visit): Promise<Outcome> => {
  const { knock, protocol, ends } = visit
  const entry = await parts.gate.pull(knock, 'upload-pack')
  const admission = entry.decision
  if (wasRefused(admission)) return refuse(ends, admission, entry)
  const ending = await underWatch(parts, visit, { action: { kind: 'pull', service: 'upload-pack' }, admission }, (signal) =>
    parts.engine.uploadPack(admission, 'session', protocol, ends, signal),
  )
  return settle(ends, ending, entry)
}

export const serveArchive = async (parts: ServeParts, visit: Visit): Promise<Outcome> => {
  const { knock, ends } = visit
  const entry = await parts.gate.pull(knock, 'upload-archive')
  const admission = entry.decision
  if (wasRefused(admission)) return refuse(ends, admission, entry)
  const ending = await underWatch(parts, visit, { action: { kind: 'pull', service: 'upload-archive' }, admission }, (signal) =>
    parts.engine.uploadArchive(admission, ends, signal),
  )
  return settle(ends, ending, entry)
}
