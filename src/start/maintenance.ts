import { setTimeout as pause } from 'node:timers/promises'
import type { Settings } from '../config.ts'
import type { Metrics } from '../core/metrics.ts'
import type { Logger } from '../log.ts'

/** Looks after the repositories; only in the one process that holds the home. */
export interface Maintenance {
  /** Resolves when nothing of it runs any more. Git that works is ended, without harm to the repository. */
  stop(): Promise<void>
}

/** After the doors were opened, in milliseconds: the first requests have the cores for themselves. */
const firstPause = 2000

const maintainUntil = async (settings: Settings, log: Logger, metrics: Metrics, stopping: AbortSignal): Promise<void> => {
  await pause(firstPause, undefined, { signal: stopping, ref: false }).catch(() => {})
  if (stopping.aborted) return
  const { makeRounds } = await import('./maintenance-rounds.ts')
  await makeRounds(settings, log, metrics, stopping).run()
}

/** @param metrics of this process */
export const startMaintenance = (settings: Settings, log: Logger, metrics: Metrics): Maintenance => {
  if (!settings.maintenance) return { stop: async () => {} }
  const stop = new AbortController()
  const maintained = maintainUntil(settings, log, metrics, stop.signal).catch((fault: unknown) =>
    log.error({ err: fault }, 'maintenance could not be started'),
  )
  return {
    async stop() {
      stop.abort(new Error('the server stops'))
      await maintained
    },
  }
}
