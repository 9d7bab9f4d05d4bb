import type { Transaction } from 'kysely'
import { instantOf } from '../instant.ts'
import type { Store } from '../sqlite.ts'
import type { ActivitySchema, UsedKind } from './schema.ts'

/** GitLab's measures, in milliseconds: the time of last use is kept at most so often, an address once a minute. */
export const timeEvery = 10 * 60_000
export const minute = 60_000
/** Addresses that are kept of one credential. */
const keptAddresses = 5

/** One use of a credential, or what of it is news. */
export interface Use {
  readonly kind: UsedKind
  readonly id: number
  /** Milliseconds. */
  readonly at: number
  readonly time: boolean
  readonly address: string | undefined
}

/** Another process may have written a later time, or one that is near enough. */
const saveTime = async (transaction: Transaction<ActivitySchema>, { kind, id, at }: Use): Promise<void> => {
  await transaction
    .insertInto('credential_usage')
    .values({ kind, credential_id: id, last_used_at: instantOf(at) })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'credential_id'])
        .doUpdateSet({ last_used_at: instantOf(at) })
        .where('credential_usage.last_used_at', '<=', instantOf(at - timeEvery)),
    )
    .execute()
}

const saveAddress = async (transaction: Transaction<ActivitySchema>, { kind, id, at }: Use, address: string): Promise<void> => {
  await transaction
    .insertInto('credential_addresses')
    .values({ kind, credential_id: id, address, seen_at: instantOf(at) })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'credential_id', 'address'])
        .doUpdateSet({ seen_at: instantOf(at) })
        .where('credential_addresses.seen_at', '<=', instantOf(at - minute)),
    )
    .execute()
  const kept = transaction
    .selectFrom('credential_addresses')
    .select('address')
    .where('kind', '=', kind)
    .where('credential_id', '=', id)
    .orderBy('seen_at', 'desc')
    .orderBy('address')
    .limit(keptAddresses)
  await transaction
    .deleteFrom('credential_addresses')
    .where('kind', '=', kind)
    .where('credential_id', '=', id)
    .where('address', 'not in', kept)
    .execute()
}

/** All in one transaction. */
export const saveUses = (store: Pick<Store, 'activity'>, uses: readonly Use[]): Promise<void> =>
  store.activity.transaction().execute(async (transaction) => {
    for (const use of uses) {
      if (use.time) await saveTime(transaction, use)
      if (use.address !== undefined) await saveAddress(transaction, use, use.address)
    }
  })
