import type { Activity } from '../../src/core/activity.ts'
import type { AuditEvent } from '../../src/core/audit.ts'
import type { RefusedUse } from '../../src/core/refused-use.ts'

export interface RememberedActivity extends Activity {
  readonly events: AuditEvent[]
  readonly refused: RefusedUse[]
  /** Kind and number of each credential whose use was noted. */
  readonly used: string[]
}

/** Keeps what it is told, and nothing on disk. */
export const rememberedActivity = (): RememberedActivity => {
  const [events, refused, used]: [AuditEvent[], RefusedUse[], string[]] = [[], [], []]
  return {
    events,
    refused,
    used,
    trail: { record: (more) => void events.push(...more), settled: async () => {} },
    usage: { note: ({ kind, id }) => void used.push(`${kind}/${id}`), settled: async () => {} },
    refusals: { refused: (use) => void refused.push(use), settled: async () => {} },
  }
}
