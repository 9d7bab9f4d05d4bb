import { inHome, type Settings } from '../config.ts'
import { sweepLeftovers } from '../git/leftovers.ts'
import { clearAfterKill } from '../git/repair.ts'
import { Repositories } from '../git/repositories.ts'
import type { Logger } from '../log.ts'
import { projectsWithoutBranch, settleAbandoned } from '../store/abandoned.ts'
import { settleFirstPush } from '../store/first-push.ts'
import { openStore } from '../store/sqlite.ts'
import { homeAt } from './home.ts'

/** Puts in order what was under way when a process of the server was killed, or all of them. Nobody waits for it. */
export interface Repair {
  /** A worker died. */
  again(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

const settleAll = async (settings: Settings, repositories: Repositories, signal: AbortSignal): Promise<void> => {
  const store = openStore(inHome(settings, settings.database))
  try {
    await settleAbandoned(store, repositories)
    for (const project of await projectsWithoutBranch(store.read)) {
      if (signal.aborted) return
      await settleFirstPush(store, repositories, project)
    }
  } finally {
    await store.close()
  }
}

const repair = async (settings: Settings, signal: AbortSignal): Promise<void> => {
  const root = homeAt(settings.home).repositories
  const repositories = new Repositories(root)
  await settleAll(settings, repositories, signal)
  await clearAfterKill({ root, repositories, signal })
  // A push may have landed before its git was ended.
  await settleAll(settings, repositories, signal)
}

/** At a start and whenever a worker died, one time after the other; only in the process that holds the home. */
export const startRepair = (settings: Settings, log: Logger): Repair => {
  const stop = new AbortController()
  const complain = (fault: unknown): void => {
    if (!stop.signal.aborted) log.error({ err: fault }, 'leftovers could not be removed')
  }
  const run = async (): Promise<void> => {
    if (!stop.signal.aborted) await repair(settings, stop.signal).catch(complain)
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
