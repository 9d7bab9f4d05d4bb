import { deviceMemory, memoryOfUsed } from '../../oauth/lives.ts'
import { instantOf } from '../instant.ts'
import type { Store } from '../sqlite.ts'

/** Rows of each kind that go in one transaction at most. */
const batch = 500

const overBy = ({ read }: Store, now: number) => {
  const used = instantOf(now - memoryOfUsed)
  return {
    codes: read.selectFrom('oauth_codes').select('id').where('expires_at', '<', used).limit(batch),
    tokens: read.selectFrom('oauth_tokens').select('id').where('revoked_at', '<', used).limit(batch),
    devices: read
      .selectFrom('oauth_devices')
      .select('id')
      .where('expires_at', '<', instantOf(now - deviceMemory))
      .limit(batch),
  }
}

/**
 * Forgets devices that are over, and codes and tokens that were over so long ago that nobody will show them again. Asks
 * first, so that nobody waits for a write that changes nothing. Whether there may be more.
 */
export const sweepOauth = async (store: Store, now: number): Promise<boolean> => {
  const { codes, tokens, devices } = overBy(store, now)
  const codeIds = (await codes.execute()).map(({ id }) => id)
  const tokenIds = (await tokens.execute()).map(({ id }) => id)
  const deviceIds = (await devices.execute()).map(({ id }) => id)
  if (codeIds.length + tokenIds.length + deviceIds.length === 0) return false
  await store.write.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('oauth_codes').where('id', 'in', codeIds).execute()
    await transaction.deleteFrom('oauth_tokens').where('id', 'in', tokenIds).execute()
    await transaction.deleteFrom('oauth_devices').where('id', 'in', deviceIds).execute()
  })
  return [codeIds, tokenIds, deviceIds].some(({ length }) => length === batch)
}
