import { inactiveReason } from '../../access/rules/user-state.ts'
import type { UserId } from '../../core/ids.ts'
import { toUser } from '../../store/user-row.ts'
import { type Account, userById } from '../../store/users.ts'
import type { OauthCall } from './call.ts'
import { invalidGrant } from './errors.ts'

/** The user for whom tokens are made. Throws `invalid_grant` for one who may do nothing, or is gone. */
export const granteeOf = async ({ parts, now }: OauthCall, id: UserId | null): Promise<Account> => {
  const account = id === null ? undefined : await userById(parts.store.read, id)
  if (account === undefined) throw invalidGrant('user_gone')
  const reason = inactiveReason(toUser(account, now))
  if (reason !== undefined) throw invalidGrant(reason)
  return account
}
