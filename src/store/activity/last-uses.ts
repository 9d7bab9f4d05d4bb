import { type RawBuilder, sql } from 'kysely'
import type { Reader } from '../routes.ts'
import type { Instant } from '../schema.ts'
import type { UsedKind } from './schema.ts'

export interface LastUse {
  /** Null: never, as far as is known. */
  readonly at: Instant | null
  /** The last five distinct ones, the newest first. */
  readonly addresses: readonly string[]
}

/** When the access token of a query's row was last used; null where it never was. */
export const lastUseOfToken: RawBuilder<Instant | null> = sql<Instant | null>`(
  select used.last_used_at from activity.credential_usage as used
  where used.kind = 'access-token' and used.credential_id = access_tokens.id
)`

/** When and from where each of these credentials was last used; those that never were are left out. */
export const lastUses = async (reader: Reader, kind: UsedKind, ids: readonly number[]): Promise<ReadonlyMap<number, LastUse>> => {
  if (ids.length === 0) return new Map()
  const times = await reader
    .selectFrom('activity.credential_usage as used')
    .select(['used.credential_id', 'used.last_used_at'])
    .where('used.kind', '=', kind)
    .where('used.credential_id', 'in', [...ids])
    .execute()
  const seen = await reader
    .selectFrom('activity.credential_addresses as seen')
    .select(['seen.credential_id', 'seen.address'])
    .where('seen.kind', '=', kind)
    .where('seen.credential_id', 'in', [...ids])
    .orderBy('seen.seen_at', 'desc')
    .orderBy('seen.address')
    .execute()
  const addresses = Map.groupBy(seen, ({ credential_id }) => credential_id)
  return new Map(
    times.map(({ credential_id, last_used_at }) => [
      credential_id,
      { at: last_used_at, addresses: (addresses.get(credential_id) ?? []).map(({ address }) => address) },
    ]),
  )
}
