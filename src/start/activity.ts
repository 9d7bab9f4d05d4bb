import type { Activity } from '../core/activity.ts'
import type { AuditEvent } from '../core/audit.ts'
import { credentialName } from '../core/credential.ts'
import type { Logger } from '../log.ts'
import { StoredAuditTrail } from '../store/activity/audit-trail.ts'
import { StoredRefusalWatch } from '../store/activity/refusal-watch.ts'
import { StoredUsageLog } from '../store/activity/usage-log.ts'
import type { Store } from '../store/sqlite.ts'

/** The activity of one process, and the end of it: what waits is written before the store closes. */
export interface RunningActivity extends Activity {
  stop(): Promise<void>
}

/** What no file will have is in the log at least, each event whole. */
const logLost = (log: Logger, events: readonly AuditEvent[]): void => {
  for (const event of events) log.error({ audit_event: event }, 'an audit event could not be kept')
}

export const makeActivity = (store: Store, log: Logger): RunningActivity => {
  const trail = new StoredAuditTrail(store, {
    fault: (fault, waiting) => log.error({ err: fault, waiting }, 'audit events could not be written; tried again soon'),
    lost: (events) => logLost(log, events),
  })
  const usage = new StoredUsageLog(store, (fault) =>
    log.error({ err: fault }, 'the last use of credentials could not be written; tried again soon'),
  )
  const refusals = new StoredRefusalWatch(store, trail, (fault, use) =>
    log.error(
      { err: fault, refused: { ...use, credential: use.credential && credentialName(use.credential) } },
      'a refusal could not be made an audit event',
    ),
  )
  return {
    trail,
    usage,
    refusals,
    async stop() {
      await refusals.settled()
      await Promise.all([trail.stop(), usage.stop()])
    },
  }
}
