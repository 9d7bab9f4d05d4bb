import { inHome, type Settings } from '../config.ts'
import { sweepLeftovers } from '../git/leftovers.ts'
import { clearAfterKill } from '../git/repair.ts'
import { Repositories } from '../git/repositories.ts'
import type { Logger } from '../log.ts'
import { projectsWithoutBranch, settleAbandoned } from '../store/abandoned.ts'
import { isLocked } from '../store/file-lock.ts'
import { settleFirstPush } from '../store/first-push.ts'
import { openStore, type Store } from '../store/sqlite.ts'
import { homeAt } from './home.ts'

/** Puts in order what was under way when a process of the server was killed, or all of them. Nobody waits for it. */
export interface Repair {
  /** A worker died. */
  again(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

/** Whether a process is one of this server that lives. */
type IsOurs = (pid: number) => boolean

interface Site {
  readonly settings: Settings
  readonly isOurs: IsOurs
  readonly signal: AbortSignal
  readonly complain: (fault: unknown) => void
}

/** One project that cannot be settled keeps no other from it. */
const settlePushes = async (store: Store, repositories: Repositories, { signal, complain }: Site): Promise<void> => {
  for (const project of await projectsWithoutBranch(store.read)) {
    if (signal.aborted) return
    await settleFirstPush(store, repositories, project).catch(complain)
  }
}

const settle = async (repositories: Repositories, site: Site): Promise<void> => {
  const store = openStore(inHome(site.settings, site.settings.database))
  try {
    await settleAbandoned(store, repositories)
    await settlePushes(store, repositories, site)
  } finally {
    await store.close()
  }
}

const repair = async (site: Site): Promise<void> => {
  const { repositories: root, backupLock } = homeAt(site.settings.home)
  const repositories = new Repositories(
    root,
    async () => {},
    () => isLocked(backupLock),
  )
  await settle(repositories, site).catch(site.complain)
  await clearAfterKill({ ...site, root, repositories })
  // A push may have landed before its git was ended.
  await settle(repositories, site)
}

/** At a start and whenever a worker died, one time after the other; only in the process that holds the home. */
export const startRepair = (settings: Settings, log: Logger, isOurs: IsOurs): Repair => {
  const stop = new AbortController()
  const complain = (fault: unknown): void => {
    if (!stop.signal.aborted) log.error({ err: fault }, 'what a kill left could not be put in order')
  }
  const run = async (): Promise<void> => {
    if (!stop.signal.aborted) await repair({ settings, isOurs, signal: stop.signal, complain }).catch(complain)
  }
  let last = run().then(() => sweepLeftovers(homeAt(settings.home).repositories).catch(complain))
  let waiting = false
  return {
    again() {
      if (waiting) return
      waiting = true
      last = last.then(() => {
        waiting = false
        return run()
      })
    },
    async stop() {
      stop.abort(new Error('the server stops'))
      await last
    },
  }
}
