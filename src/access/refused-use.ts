import type { Authenticated } from '../core/credential.ts'
import type { Refusal } from '../core/refusal.ts'
import type { RefusedUse } from '../core/refused-use.ts'

/** A refusal of the law, as the audit is told of it. */
export const refusedUse = (
  refusal: Refusal,
  entry: { readonly who: Authenticated | undefined; readonly project: RefusedUse['project'] } | undefined,
  at: Pick<RefusedUse, 'door' | 'push' | 'address' | 'at'>,
): RefusedUse => ({
  ...at,
  reason: refusal.reason,
  credential: refusal.credential ?? entry?.who?.credential,
  principal: entry?.who?.principal,
  project: entry?.project,
  ref: refusal.ref,
})
