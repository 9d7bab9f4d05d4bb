import { inHome, type Settings } from '../config.ts'
import type { Logger } from '../log.ts'
import { type QueueWatch, watchQueue } from '../store/ci/queue-watch.ts'
import { type EpochWatch, watchEpoch } from '../store/epoch.ts'
import { type Limits, limitsFileOf, openLimits } from '../store/limits.ts'
import { withStandIn } from '../store/limits-stand-in.ts'
import { openStore, type Store } from '../store/sqlite.ts'
import { makeActivity, type RunningActivity } from './activity.ts'

/** What one process has open of the home's database files. */
export interface Kept {
  readonly store: Store
  readonly limits: Limits
  readonly activity: RunningActivity
  readonly epoch: EpochWatch
  readonly queue: QueueWatch
  /** Writes what waits to be written, then closes the files. */
  close(): Promise<void>
}

export const openKept = (settings: Settings, log: Logger): Kept => {
  const file = inHome(settings, settings.database)
  const store = openStore(file)
  const limits = withStandIn(openLimits(limitsFileOf(file)), (fault) =>
    log.error({ err: fault }, 'bans and limits could not be kept; this process counts by itself'),
  )
  const activity = makeActivity(store, log)
  const epoch = watchEpoch(file)
  const queue = watchQueue(file)
  return {
    store,
    limits,
    activity,
    epoch,
    queue,
    async close() {
      await activity.stop()
      await store.close()
      limits.close()
      epoch.close()
      queue.close()
    },
  }
}
