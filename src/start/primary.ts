import type { Settings } from '../config.ts'
import { type Logger, makeLogger } from '../log.ts'
import { keepCompiled } from './compiled.ts'
import { Crew } from './crew.ts'
import { removeLeftovers } from './leftovers.ts'
import { startMaintenance } from './maintenance.ts'
import { startNotices } from './notices.ts'
import type { Prepared } from './prepare.ts'
import { announce } from './ready.ts'
import { whenToldToStop } from './signals.ts'
import { startSweeper } from './sweeper.ts'

const announceKeys = (prepared: Prepared, crew: Crew, log: Logger): void => {
  prepared.keys.complete().then(
    () => crew.useHostKeys(),
    (fault: unknown) => log.error({ err: fault }, 'the slow keys could not be made'),
  )
}

/** Prepares the home while the first worker loads, lets it serve, adds the others, and replaces those that die. */
export const servePrimary = async (settings: Settings, workers: number): Promise<number> => {
  const stopped = whenToldToStop()
  const log = makeLogger(settings.logLevel)
  const crew = new Crew(log)
  try {
    // Loaded now, when the first worker is loading its own code on another core.
    const { prepare } = await import('./prepare.ts')
    const prepared = await prepare(settings)
    const where = await Promise.race([crew.serve(), stopped])
    if (where !== undefined) {
      announce(settings, where, prepared.newToken)
      crew.grow(workers)
      keepCompiled()
      removeLeftovers(prepared.home, log)
      announceKeys(prepared, crew, log)
      const notices = startNotices(settings, where, log)
      const sweeper = startSweeper(settings, log)
      const maintenance = startMaintenance(settings, log, crew.metrics)
      await stopped
      await Promise.all([crew.stop(), notices.stop(), sweeper.stop(), maintenance.stop()])
    } else await crew.stop()
    prepared.lock.close()
    return 0
  } catch (fault) {
    crew.kill()
    throw fault
  }
}
