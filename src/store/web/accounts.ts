import type { UserId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import { type Account, selectUsers } from '../users.ts'

/** Whom a login names: by username or e-mail, whatever the case. */
export const accountByLogin = (read: Reader, login: string): Promise<Account | undefined> => {
  const key = login.trim().toLowerCase()
  return selectUsers(read)
    .where((where) => where.or([where('username_key', '=', key), where('email_key', '=', key)]))
    .orderBy('users.id')
    .executeTakeFirst()
}

/** Gives a user another password; every session of the user ends. */
export const changePassword = async (writer: Writer, user: UserId, hash: string, now: number): Promise<void> => {
  await writer
    .updateTable('users')
    .set({ password_hash: hash, password_expires_at: null, updated_at: instantOf(now) })
    .where('id', '=', user)
    .execute()
}

/** Whoever was deactivated for being away is back by signing in (GitLab docs, "Deactivate a user"). False where there was nothing to do. */
export const reactivate = async (writer: Writer, user: UserId, now: number): Promise<boolean> => {
  const { numUpdatedRows } = await writer
    .updateTable('users')
    .set({ state: 'active', updated_at: instantOf(now) })
    .where('id', '=', user)
    .where('state', '=', 'deactivated')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
