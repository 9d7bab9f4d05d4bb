import type { Selectable } from 'kysely'
import type { UserId } from '../core/ids.ts'
import type { Reader, Writer } from './routes.ts'
import type { UserStatusesTable } from './schema.ts'

export type UserStatus = Selectable<UserStatusesTable>

/** What a user says of itself; undefined where it says nothing, or it was to be cleared by now. */
export const statusOf = async (reader: Reader, user: UserId, now: number): Promise<UserStatus | undefined> => {
  const row = await reader.selectFrom('user_statuses').selectAll().where('user_id', '=', user).executeTakeFirst()
  return row?.clear_status_at && Date.parse(row.clear_status_at) <= now ? undefined : row
}

export const setStatus = async (transaction: Writer, status: UserStatus): Promise<void> => {
  await transaction
    .insertInto('user_statuses')
    .values(status)
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(status))
    .execute()
}

export const clearStatus = async (transaction: Writer, user: UserId): Promise<void> => {
  await transaction.deleteFrom('user_statuses').where('user_id', '=', user).execute()
}
