import type { Settings } from '../config.ts'
import { makeLogger } from '../log.ts'
import { Crew } from './crew.ts'
import { whenToldToStop } from './signals.ts'

/**
 * The first of many processes. The first worker is on the way to everybody's first answer, so it is forked before all
 * else is loaded that the primary needs, which then happens on another core.
 */
export const servePrimary = async (settings: Settings, workers: number): Promise<number> => {
  const stopped = whenToldToStop()
  const log = makeLogger(settings.logLevel)
  const crew = new Crew(log)
  try {
    const { lead } = await import('./lead.ts')
    await lead({ settings, crew, workers, stopped, log })
    return 0
  } catch (fault) {
    crew.kill()
    throw fault
  }
}
