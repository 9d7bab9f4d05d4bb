import type { Day } from '../core/clock.ts'
import type { MailAddress, MailServer } from '../core/mail.ts'
import type { Logger } from '../log.ts'
import { settleLeftNotices } from '../store/notices/letters.ts'
import { type Job, lastRun, noteRun } from '../store/notices/runs.ts'
import { openStore, type Store } from '../store/sqlite.ts'
import { runNotices } from './run.ts'
import { SmtpPost } from './smtp.ts'
import { Timetable } from './timetable.ts'

export interface DailyParts {
  /** The database. */
  readonly file: string
  readonly server: MailServer | undefined
  readonly from: MailAddress | undefined
  readonly baseUrl: string
  readonly log: Logger
  readonly stopping: AbortSignal
  readonly clock?: () => number
}

/**
 * The two jobs over a store that is open only while they work. Without a mail server a run is not kept as done, so that
 * what was not sent goes out once there is one.
 */
export const daily = ({ file, server, from, baseUrl, log, stopping, clock = Date.now }: DailyParts): Timetable => {
  const done = new Map<Job, Day>()
  let first = true
  const withStore = async <Result>(work: (store: Store) => Promise<Result>): Promise<Result> => {
    const store = openStore(file)
    try {
      if (first && server !== undefined) await settleLeft(store, log)
      first = false
      return await work(store)
    } finally {
      await store.close()
    }
  }
  return new Timetable({
    clock,
    lastRun: async (job) => done.get(job) ?? (await withStore((store) => lastRun(store.read, job))),
    run: (task) =>
      withStore((store) => {
        const post = server === undefined ? undefined : new SmtpPost(server)
        return runNotices({ store, log, post, from, baseUrl, clock, stopping }, task)
      }),
    async noteRun(job, day) {
      done.set(job, day)
      if (server !== undefined) await withStore((store) => noteRun(store, job, day))
    },
    fault: (fault) => log.error({ err: fault }, 'expiry notices failed'),
  })
}

const settleLeft = async (store: Store, log: Logger): Promise<void> => {
  const unsure = await settleLeftNotices(store)
  if (unsure > 0)
    log.warn({ notices: unsure }, 'expiry notices of a killed server may have arrived or not; they are not sent again')
}
