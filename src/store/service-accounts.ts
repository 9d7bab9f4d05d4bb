import type { NamespaceId, UserId } from '../core/ids.ts'
import { insertUserNamespace } from './namespaces.ts'
import { isTaken, type Reader, type Writer } from './routes.ts'
import type { Store } from './sqlite.ts'
import { type Account, emailOwner, insertUser, selectUsers, type Taken, userByName } from './users.ts'

/** All service accounts, of groups too. */
export const selectServiceAccounts = (reader: Reader): ReturnType<typeof selectUsers> =>
  selectUsers(reader).where('kind', '=', 'service_account')

export const serviceAccountsOf = (reader: Reader, group: NamespaceId): ReturnType<typeof selectUsers> =>
  selectServiceAccounts(reader).where('bot_group_id', '=', group)

export interface NewServiceAccount {
  readonly username: string
  readonly name: string
  readonly email: string
  /** Undefined for one of the whole instance. */
  readonly group: NamespaceId | undefined
  readonly createdBy: UserId
}

const takenOf = async (transaction: Writer, { username, email }: NewServiceAccount): Promise<Taken[]> => {
  const nameTaken = (await userByName(transaction, username)) !== undefined || (await isTaken(transaction, username))
  const emailTaken = (await emailOwner(transaction, email)) !== undefined
  return [...(emailTaken ? ['email-taken' as const] : []), ...(nameTaken ? ['username-taken' as const] : [])]
}

/** Makes an account for a machine: external, without a password. Nothing was written where something is taken. */
export const createServiceAccount = (
  store: Store,
  account: NewServiceAccount,
  now: number,
): Promise<Account | readonly Taken[] | 'group-gone'> =>
  store.write.transaction().execute(async (transaction) => {
    const { group, createdBy, ...names } = account
    if (group !== undefined) {
      const found = await transaction.selectFrom('namespaces').select('id').where('id', '=', group).executeTakeFirst()
      if (found === undefined) return 'group-gone'
    }
    const taken = await takenOf(transaction, account)
    if (taken.length > 0) return taken
    const user = await insertUser(
      transaction,
      {
        ...names,
        kind: 'service_account',
        is_admin: 0,
        is_external: 1,
        can_create_group: 0,
        projects_limit: 0,
        bot_group_id: group ?? null,
        created_by: createdBy,
      },
      now,
    )
    await insertUserNamespace(transaction, user, now)
    return user
  })
