import { setTimeout as pause } from 'node:timers/promises'
import { inHome, type Settings } from '../config.ts'
import type { Logger } from '../log.ts'
import { homeAt } from './home.ts'

/** Ends jobs whose time is over; only in the one process that holds the home. */
export interface Sweeper {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

/** In milliseconds. */
const everyTurn = 1000
const turnsBetween = { artifacts: 60, orphans: 600, refs: 60, oauth: 60 } as const

/** How far back pipelines are looked for whose refs may go: of the first turn, and of the others. */
const lookBack = { first: 7 * 86_400_000, later: 300_000 } as const

/** @param remove takes away a part; tells whether there may be more */
const untilDone = async (remove: () => Promise<boolean>, stopping: AbortSignal): Promise<void> => {
  while (!stopping.aborted && (await remove()));
}

/** With a store of its own: in the first process of many nobody else needs one. */
const openSweep = async (settings: Settings, stopping: AbortSignal) => {
  const [
    { openStore },
    { JobFiles },
    { JobSweep, removeOrphans, startDue },
    { removeExpired },
    { Repositories },
    tidy,
    { sweepOauth },
  ] = await Promise.all([
    import('../store/sqlite.ts'),
    import('../store/ci/job-files.ts'),
    import('../store/ci/sweep.ts'),
    import('../store/ci/artifacts.ts'),
    import('../git/repositories.ts'),
    import('../pipelines/tidy-refs.ts'),
    import('../store/oauth/sweep.ts'),
  ])
  const store = openStore(inHome(settings, settings.database))
  const files = new JobFiles(homeAt(settings.home).jobs)
  const repositories = new Repositories(homeAt(settings.home).repositories)
  const jobs = new JobSweep(store)
  return {
    async endAndStart(now: number): Promise<void> {
      await jobs.run(now)
      await startDue(store, now)
    },
    async tidy(count: number, now: number): Promise<void> {
      if (count % turnsBetween.artifacts === 0) await untilDone(() => removeExpired(store, files, now), stopping)
      if (count % turnsBetween.oauth === 0) await untilDone(() => sweepOauth(store, now), stopping)
      if (count % turnsBetween.refs === 0) {
        await tidy.tidyEndedSince({ store, repositories }, now - (count === 0 ? lookBack.first : lookBack.later))
      }
      if (count % turnsBetween.orphans === 0) await removeOrphans(store, files, now, stopping)
    },
    close: () => store.close(),
  }
}

const sweepUntil = async (settings: Settings, log: Logger, stopping: AbortSignal): Promise<void> => {
  const rest = (): Promise<unknown> => pause(everyTurn, undefined, { signal: stopping, ref: false }).catch(() => {})
  await rest()
  if (stopping.aborted) return
  const sweep = await openSweep(settings, stopping)
  const repeat = async (turn: (count: number) => Promise<void>): Promise<void> => {
    for (let count = 0; !stopping.aborted; count += 1) {
      await turn(count).catch((fault: unknown) => log.error({ err: fault }, 'jobs could not be swept'))
      await rest()
    }
  }
  try {
    // Apart, so that no job outlives its time because there is much to remove.
    await Promise.all([repeat(() => sweep.endAndStart(Date.now())), repeat((count) => sweep.tidy(count, Date.now()))])
  } finally {
    await sweep.close()
  }
}

export const startSweeper = (settings: Settings, log: Logger): Sweeper => {
  const stop = new AbortController()
  const swept = sweepUntil(settings, log, stop.signal).catch((fault: unknown) =>
    log.error({ err: fault }, 'the sweeper of jobs could not be started'),
  )
  return {
    async stop() {
      stop.abort()
      await swept
    },
  }
}
