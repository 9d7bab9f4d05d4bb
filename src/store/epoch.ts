import type { Reader } from './routes.ts'

/** The store's security epoch: raised, in the same transaction, by every write that could change a decision. */
export const securityEpoch = async (reader: Reader): Promise<number> => {
  const row = await reader.selectFrom('security_epoch').select('value').executeTakeFirstOrThrow()
  return row.value
}
