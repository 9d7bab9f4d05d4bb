import type { Refusal } from '../core/refusal.ts'
import type { RefusedUse } from '../core/refused-use.ts'
import type { Entry } from './gate.ts'

/** A refusal at one of git's doors, as the audit is told of it. */
export const refusedUse = (
  refusal: Refusal,
  entry: Pick<Entry<unknown>, 'who' | 'project'> | undefined,
  at: Pick<RefusedUse, 'door' | 'push' | 'address' | 'at'>,
): RefusedUse => ({
  ...at,
  reason: refusal.reason,
  credential: refusal.credential ?? entry?.who?.credential,
  principal: entry?.who?.principal,
  project: entry?.project,
  ref: refusal.ref,
})
