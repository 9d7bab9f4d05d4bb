import type { AuditTrail } from './audit.ts'
import type { RefusalWatch } from './refused-use.ts'
import type { UsageLog } from './usage.ts'

/** What is written of the life of credentials, off the path of those who use them. */
export interface Activity {
  readonly trail: AuditTrail
  readonly usage: UsageLog
  readonly refusals: RefusalWatch
}
