import { inHome, type Settings } from '../config.ts'
import type { Logger } from '../log.ts'
import type { Timetable } from '../notices/timetable.ts'
import { webUrl } from './ready.ts'
import type { Listening } from './server.ts'

export interface Notices {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

/** With a store of its own, opened where there is something to do: in the first process of many nobody else needs one. */
const makeTimetable = async (settings: Settings, where: Listening, log: Logger, stopping: AbortSignal): Promise<Timetable> => {
  const { daily } = await import('../notices/daily.ts')
  return daily({
    file: inHome(settings, settings.database),
    server: settings.smtp,
    from: settings.mailFrom,
    baseUrl: webUrl(settings, where),
    log,
    stopping,
  })
}

/** After the doors were opened, in milliseconds: the first requests have the cores for themselves. */
const pause = 2000

/** Starts the daily letters about tokens that end soon; only in the one process that holds the home. */
export const startNotices = (settings: Settings, where: Listening, log: Logger): Notices => {
  const stop = new AbortController()
  let timetable: Promise<Timetable> | undefined
  const timer = setTimeout(() => {
    timetable = makeTimetable(settings, where, log, stop.signal)
    timetable.then(
      (made) => stop.signal.aborted || made.start(),
      (fault: unknown) => log.error({ err: fault }, 'expiry notices could not be started'),
    )
  }, pause).unref()
  return {
    async stop() {
      clearTimeout(timer)
      stop.abort()
      await timetable?.then(
        (made) => made.stop(),
        () => {},
      )
    },
  }
}
