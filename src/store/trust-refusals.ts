import type { Selectable } from 'kysely'
import type { TrustId } from '../core/ids.ts'
import { instantOf } from './instant.ts'
import type { Reader, Writer } from './routes.ts'
import type { Store } from './sqlite.ts'
import type { TrustRefusalsTable } from './trust-schema.ts'

export type TrustRefusalRow = Selectable<TrustRefusalsTable>

/** How many are kept of each trust: of outside tokens whose signature was good, and of those that anybody may have made up. */
const mostKept = { 1: 20, 0: 5 } as const

export interface NewTrustRefusal {
  readonly trust: TrustId
  readonly refusalId: string
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>>
  readonly verified: boolean
}

const forgetOlder = async (transaction: Writer, trust: TrustId, verified: 0 | 1): Promise<void> => {
  const kept = transaction
    .selectFrom('trust_refusals')
    .where('trust_id', '=', trust)
    .where('verified', '=', verified)
    .orderBy('id', 'desc')
    .limit(mostKept[verified])
    .select('id')
  await transaction
    .deleteFrom('trust_refusals')
    .where('trust_id', '=', trust)
    .where('verified', '=', verified)
    .where('id', 'not in', kept)
    .execute()
}

/** Keeps refusals for whoever may see the trusts. */
export const addTrustRefusals = (store: Store, refusals: readonly NewTrustRefusal[], now: number): Promise<void> =>
  store.write.transaction().execute(async (transaction) => {
    for (const { trust, refusalId, reason, details, verified } of refusals) {
      const row = {
        trust_id: trust,
        refusal_id: refusalId,
        reason,
        details: JSON.stringify(details),
        verified: verified ? 1 : 0,
        created_at: instantOf(now),
      } as const
      await transaction.insertInto('trust_refusals').values(row).execute()
      await forgetOlder(transaction, trust, row.verified)
    }
  })

/** Newest first. */
export const trustRefusalsOf = (reader: Reader, trust: TrustId): Promise<TrustRefusalRow[]> =>
  reader.selectFrom('trust_refusals').selectAll().where('trust_id', '=', trust).orderBy('id', 'desc').execute()
