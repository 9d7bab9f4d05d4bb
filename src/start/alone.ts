import type { Settings } from '../config.ts'
import { makeLogger } from '../log.ts'
import { keepCompiled } from './compiled.ts'
import { startMaintenance } from './maintenance.ts'
import { monitorAlone } from './metrics/monitoring.ts'
import { startNotices } from './notices.ts'
import { makeServer } from './parts.ts'
import { prepare } from './prepare.ts'
import { announce } from './ready.ts'
import { startRepair } from './repair.ts'
import { stopGrace } from './server.ts'
import { whenToldToStop } from './signals.ts'
import { startSweeper } from './sweeper.ts'

/** One process does everything. */
export const serveAlone = async (settings: Settings): Promise<number> => {
  const stopped = whenToldToStop()
  const log = makeLogger(settings.logLevel)
  const prepared = await prepare(settings)
  const keys = { hostKeys: prepared.keys.hostKeys, sealer: prepared.sealer }
  const monitoring = monitorAlone()
  const server = await makeServer(settings, keys, monitoring, log)
  const where = await server.listen()
  announce(settings, where, prepared.newToken)
  keepCompiled()
  const repair = startRepair(settings, log, (pid) => pid === process.pid)
  const notices = startNotices(settings, where, log)
  const sweeper = startSweeper(settings, log)
  const maintenance = startMaintenance(settings, log, monitoring.metrics)
  prepared.keys.complete().then(
    ({ hostKeys }) => server.useHostKeys(hostKeys),
    (fault: unknown) => log.error({ err: fault }, 'the slow keys could not be made'),
  )
  await stopped
  await Promise.all([server.stop(stopGrace), notices.stop(), sweeper.stop(), maintenance.stop(), repair.stop()])
  prepared.lock.close()
  return 0
}
