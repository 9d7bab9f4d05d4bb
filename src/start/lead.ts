import type { Settings } from '../config.ts'
import type { Logger } from '../log.ts'
import { keepCompiled } from './compiled.ts'
import type { Crew } from './crew.ts'
import { startMaintenance } from './maintenance.ts'
import { startNotices } from './notices.ts'
import { type Prepared, prepare } from './prepare.ts'
import { announce } from './ready.ts'
import { startRepair } from './repair.ts'
import type { Listening } from './server.ts'
import { startSweeper } from './sweeper.ts'

export interface Lead {
  readonly settings: Settings
  readonly crew: Crew
  /** How many workers there are to be. */
  readonly workers: number
  /** Resolves when the server is told to stop. */
  readonly stopped: Promise<void>
  readonly log: Logger
}

const announceKeys = (prepared: Prepared, crew: Crew, log: Logger): void => {
  prepared.keys.complete().then(
    () => crew.useHostKeys(),
    (fault: unknown) => log.error({ err: fault }, 'the slow keys could not be made'),
  )
}

/** What only the process that holds the home does, until it is told to stop. */
const attend = async ({ settings, crew, workers, stopped, log }: Lead, prepared: Prepared, where: Listening): Promise<void> => {
  announce(settings, where, prepared.newToken)
  crew.grow(workers)
  keepCompiled()
  announceKeys(prepared, crew, log)
  const repair = startRepair(settings, log, (pid) => crew.has(pid))
  crew.onDeath(() => repair.again())
  const duties = [
    startNotices(settings, where, log),
    startSweeper(settings, log),
    startMaintenance(settings, log, crew.metrics),
    repair,
  ]
  await stopped
  await Promise.all([crew, ...duties].map((duty) => duty.stop()))
}

/** Prepares the home while the first worker loads, lets it serve, adds the others, and replaces those that die. */
export const lead = async (given: Lead): Promise<void> => {
  const prepared = await prepare(given.settings)
  const where = await Promise.race([given.crew.serve(), given.stopped])
  if (where === undefined) await given.crew.stop()
  else await attend(given, prepared, where)
  prepared.lock.close()
}
