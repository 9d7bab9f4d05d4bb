import type { RunningTransfers } from '../../access/running.ts'
import type { ConnectionRoom } from '../../connections.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { Queued } from '../../git/git-engine.ts'
import { countGit } from './count-git.ts'
import { countLines } from './count-lines.ts'

export interface FollowedParts {
  readonly room: ConnectionRoom
  readonly running: RunningTransfers
  readonly engine: Queued
}

/** Counts what the parts of a server do, and follows what they know of themselves. Returns how to end it. */
export const followParts = (metrics: Metrics, { room, running, engine }: FollowedParts): (() => void) => {
  for (const door of ['http', 'ssh'] as const) {
    const traffic = room.traffic(door)
    metrics.follow('connections', { door }, () => traffic.accepted)
    metrics.follow('connectionsOpen', { door }, () => traffic.open)
    metrics.follow('receivedBytes', { door }, () => traffic.received)
    metrics.follow('sentBytes', { door }, () => traffic.sent)
  }
  metrics.follow('transfers', {}, () => running.count)
  metrics.follow('gitWaiting', {}, () => engine.waiting)
  const ends = [countLines(metrics), countGit(metrics)]
  return () => {
    for (const end of ends) end()
  }
}
