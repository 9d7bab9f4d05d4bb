import { type Settings, WrongSetting } from '../config.ts'
import { loadServerKeys } from '../keys.ts'
import { makeLogger } from '../log.ts'
import { keepCompiled } from './compiled.ts'
import { homeAt } from './home.ts'
import { Reporter } from './metrics/reporter.ts'
import { makeServer } from './parts.ts'
import { loadSealer } from './sealing.ts'
import { type Listening, type PrimaryMessage, type Server, stopGrace, type WorkerMessage } from './server.ts'

const tell = (message: WorkerMessage): void => {
  process.send?.(message)
}

/** A home whose free ports were found once keeps them. */
const openedAt = (settings: Settings, where: Listening | undefined): Settings =>
  where === undefined ? settings : { ...settings, http: where.http, ssh: where.ssh ?? 'off' }

const open = async (settings: Settings, reporter: Reporter): Promise<Server> => {
  const { keys } = homeAt(settings.home)
  const [{ hostKeys }, sealer] = await Promise.all([loadServerKeys(keys), loadSealer(keys)])
  const server = await makeServer(settings, { hostKeys, sealer }, reporter, makeLogger(settings.logLevel))
  tell({ kind: 'listening', where: await server.listen() })
  reporter.begin()
  keepCompiled()
  return server
}

const takeNewKeys = async (settings: Settings, server: Server): Promise<void> => {
  const keys = await loadServerKeys(homeAt(settings.home).keys)
  server.useHostKeys((await keys.complete()).hostKeys)
}

/** A worker loads its code while the primary prepares the home, opens the doors when told, and ends when told. */
export const serveWorker = (settings: Settings): Promise<number> =>
  new Promise((resolve, reject) => {
    let opening: Promise<Server> | undefined
    const reporter = new Reporter(tell)
    const fail = (fault: unknown): void => {
      if (fault instanceof WrongSetting) {
        tell({ kind: 'failed', line: fault.message })
        resolve(2)
      } else reject(fault)
    }
    const stop = async (): Promise<void> => {
      await (await opening)?.stop(stopGrace)
      resolve(0)
    }
    process.on('message', (message: PrimaryMessage) => {
      reporter.heard(message)
      if (message.kind === 'serve') opening = open(openedAt(settings, message.where), reporter)
      if (message.kind === 'serve') opening?.catch(fail)
      if (message.kind === 'host-keys') opening?.then((server) => takeNewKeys(settings, server)).catch(fail)
      if (message.kind === 'stop') stop().catch(fail)
    })
    // A worker whose primary is gone has no lock on the home any more.
    process.on('disconnect', () => process.exit(1))
    // Ctrl-C reaches the whole group; only the primary acts on it.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => {})
  })
