import type { RunningTransfers } from '../../access/running.ts'
import type { ConnectionRoom } from '../../connections.ts'
import type { Metrics } from '../../core/metrics.ts'
import type { FetchCache } from '../../git/fetch-cache/fetch-cache.ts'
import type { Queued } from '../../git/git-engine.ts'
import type { EpochWatch } from '../../store/epoch.ts'
import { countGit } from './count-git.ts'
import { countLines } from './count-lines.ts'

/** What the fetch cache knows of itself. */
const followFetches = (metrics: Metrics, fetches: Pick<FetchCache, 'stats'>): void => {
  const ways = { hit: 'hits', follow: 'follows', make: 'makes', direct: 'directs' } as const
  for (const [how, field] of Object.entries(ways)) metrics.follow('fetches', { how }, () => fetches.stats()[field])
  metrics.follow('fetchBytes', {}, () => fetches.stats().bytes)
  metrics.follow('fetchCuts', {}, () => fetches.stats().cuts)
  metrics.follow('fetchEvictions', {}, () => fetches.stats().evictions)
}

export interface FollowedParts {
  readonly fetches?: Pick<FetchCache, 'stats'>
  readonly epoch: Pick<EpochWatch, 'read'>
  readonly room: ConnectionRoom
  readonly running: RunningTransfers
  readonly engine: Queued
}

/** Counts what the parts of a server do, and follows what they know of themselves. Returns how to end it. */
export const followParts = (metrics: Metrics, { room, running, engine, epoch, fetches }: FollowedParts): (() => void) => {
  for (const door of ['http', 'ssh'] as const) {
    const traffic = room.traffic(door)
    metrics.follow('connections', { door }, () => traffic.accepted)
    metrics.follow('connectionsOpen', { door }, () => traffic.open)
    metrics.follow('receivedBytes', { door }, () => traffic.received)
    metrics.follow('sentBytes', { door }, () => traffic.sent)
  }
  metrics.follow('transfers', {}, () => running.count)
  metrics.follow('gitWaiting', {}, () => engine.waiting)
  let lastEpoch = 0
  const followEpoch = (): number => {
    lastEpoch = epoch.read()
    return lastEpoch
  }
  metrics.follow('securityEpoch', {}, followEpoch)
  if (fetches !== undefined) followFetches(metrics, fetches)
  const ends = [countLines(metrics), countGit(metrics)]
  return () => {
    // The store is about to be closed.
    metrics.follow('securityEpoch', {}, () => lastEpoch)
    for (const end of ends) end()
  }
}
