import type { Insertable, Selectable, SelectQueryBuilder } from 'kysely'
import type { ProjectId, UserId } from '../core/ids.ts'
import type { UserState } from '../core/principal.ts'
import { giveToGhost } from './ghost.ts'
import { instantOf } from './instant.ts'
import { claimInvitations } from './invitations.ts'
import type { Home } from './members.ts'
import { insertUserNamespace, namespaceOfUser, updateNamespace } from './namespaces.ts'
import { removeNamespace } from './removal.ts'
import { isTaken, pathKey, type Reader, type Writer } from './routes.ts'
import type { Flag, Schema, UsersTable } from './schema.ts'
import type { Store } from './sqlite.ts'

/** A user's whole row. */
export type Account = Selectable<UsersTable>

export const selectUsers = (reader: Reader): SelectQueryBuilder<Schema, 'users', Account> =>
  reader.selectFrom('users').selectAll('users')

export const userById = (reader: Reader, id: UserId): Promise<Account | undefined> =>
  selectUsers(reader).where('users.id', '=', id).executeTakeFirst()

export const userByName = (reader: Reader, username: string): Promise<Account | undefined> =>
  selectUsers(reader).where('username_key', '=', pathKey(username)).executeTakeFirst()

export const userByEmail = (reader: Reader, email: string): Promise<Account | undefined> =>
  selectUsers(reader).where('email_key', '=', email.toLowerCase()).executeTakeFirst()

const numeric = /^\d{1,15}$/

/** By number or username, as GitLab's `Sudo` header and `:user_id` take them. */
export const findUser = (reader: Reader, idOrName: string): Promise<Account | undefined> =>
  numeric.test(idOrName) ? userById(reader, Number(idOrName) as UserId) : userByName(reader, idOrName)

export const flagOf = (value: boolean): Flag => (value ? 1 : 0)

export type NewUser = Pick<
  Insertable<UsersTable>,
  'username' | 'name' | 'email' | 'is_admin' | 'is_external' | 'can_create_group' | 'projects_limit'
> &
  Partial<Pick<Insertable<UsersTable>, 'kind' | 'note' | 'password_hash' | 'bot_project_id' | 'bot_group_id' | 'created_by'>>

/** Inserts the row alone, as a bot has it. Its e-mail address counts as confirmed. */
export const insertUser = (transaction: Writer, user: NewUser, now: number): Promise<Account> => {
  const time = instantOf(now)
  return transaction
    .insertInto('users')
    .values({
      kind: 'human',
      ...user,
      username_key: pathKey(user.username),
      email_key: user.email.toLowerCase(),
      state: 'active',
      confirmed_at: time,
      created_at: time,
      updated_at: time,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export type Taken = 'email-taken' | 'username-taken'

export const emailOwner = async (transaction: Writer, email: string): Promise<UserId | undefined> => {
  const row = await transaction.selectFrom('users').select('id').where('email_key', '=', email.toLowerCase()).executeTakeFirst()
  return row?.id
}

/** Makes a user with a namespace of its own. */
export const createUser = (store: Store, user: NewUser, now: number): Promise<Account | Taken> =>
  store.write.transaction().execute(async (transaction) => {
    if ((await emailOwner(transaction, user.email)) !== undefined) return 'email-taken'
    if ((await userByName(transaction, user.username)) !== undefined) return 'username-taken'
    if (await isTaken(transaction, user.username)) return 'username-taken'
    const account = await insertUser(transaction, user, now)
    await insertUserNamespace(transaction, account, now)
    await claimInvitations(transaction, account, now)
    return account
  })

export type UserChange = Partial<
  Pick<
    Account,
    | 'username'
    | 'name'
    | 'email'
    | 'is_admin'
    | 'is_external'
    | 'can_create_group'
    | 'projects_limit'
    | 'note'
    | 'password_hash'
    | 'password_expires_at'
  >
>

const withKeys = (change: UserChange): Partial<Account> => ({
  ...change,
  ...(change.username !== undefined && { username_key: pathKey(change.username) }),
  ...(change.email !== undefined && { email_key: change.email.toLowerCase() }),
})

const isOthers = async (transaction: Writer, id: UserId, change: UserChange): Promise<Taken | undefined> => {
  const holder = change.email === undefined ? undefined : await emailOwner(transaction, change.email)
  if (holder !== undefined && holder !== id) return 'email-taken'
  const namesake = change.username === undefined ? undefined : await userByName(transaction, change.username)
  return namesake !== undefined && namesake.id !== id ? 'username-taken' : undefined
}

/** The user's namespace goes along with its names; its old path leads on to the new one. */
const renameNamespace = async (transaction: Writer, id: UserId, change: UserChange, now: number): Promise<Taken | undefined> => {
  const { username: path, name } = change
  const namespace = path === undefined && name === undefined ? undefined : await namespaceOfUser(transaction, id)
  if (namespace === undefined) return undefined
  const fields = { ...(path !== undefined && { path }), ...(name !== undefined && { name }) }
  return (await updateNamespace(transaction, namespace.id, fields, now)) === 'taken' ? 'username-taken' : undefined
}

export interface ChangedUser {
  readonly account: Account
  /** Where it became a member, since invitations were waiting for its new address. */
  readonly joined: readonly Home[]
}

/** Changes a user. Nothing was written where the answer is a conflict. */
export const updateUser = (store: Store, id: UserId, change: UserChange, now: number): Promise<ChangedUser | Taken | 'gone'> =>
  store.write.transaction().execute(async (transaction) => {
    const taken = (await isOthers(transaction, id, change)) ?? (await renameNamespace(transaction, id, change, now))
    if (taken !== undefined) return taken
    const row = await transaction
      .updateTable('users')
      .set({ ...withKeys(change), updated_at: instantOf(now) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) return 'gone'
    return { account: row, joined: change.email === undefined ? [] : await claimInvitations(transaction, row, now) }
  })

/** Moves a user from one of some states to another; answers whether it was in one of them. */
export const changeState = async (
  store: Store,
  id: UserId,
  from: readonly UserState[],
  to: UserState,
  now: number,
): Promise<boolean> => {
  const result = await store.write
    .updateTable('users')
    .set({ state: to, updated_at: instantOf(now) })
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Groups that would be without an Owner of their own. */
const solelyOwned = async (transaction: Writer, id: UserId) =>
  transaction
    .selectFrom('members')
    .select('namespace_id as id')
    .where('user_id', '=', id)
    .where('access_level', '=', 50)
    .where('namespace_id', 'is not', null)
    .where('namespace_id', 'not in', (from) =>
      from
        .selectFrom('members as others')
        .innerJoin('users', 'users.id', 'others.user_id')
        .select('others.namespace_id')
        .where('others.access_level', '=', 50)
        .where('others.user_id', '!=', id)
        .where('others.namespace_id', 'is not', null)
        .where('users.kind', '!=', 'project_bot')
        .$narrowType<{ namespace_id: NonNullable<Schema['members']['namespace_id']> }>(),
    )
    .$narrowType<{ id: NonNullable<Schema['members']['namespace_id']> }>()
    .execute()

const removeRows = async (transaction: Writer, id: UserId, withGroups: boolean, now: number): Promise<ProjectId[]> => {
  const own = await namespaceOfUser(transaction, id)
  const groups = withGroups ? await solelyOwned(transaction, id) : []
  const projects: ProjectId[] = []
  for (const namespace of [...(own ? [own] : []), ...groups]) {
    projects.push(...(await removeNamespace(transaction, namespace.id)))
  }
  await giveToGhost(transaction, id, now)
  await transaction.deleteFrom('keys').where('user_id', '=', id).where('kind', '=', 'user').execute()
  await transaction.deleteFrom('users').where('id', '=', id).execute()
  return projects
}

/**
 * Removes a user with its tokens, keys, memberships and own namespace; what it made elsewhere
 * becomes the Ghost User's.
 * Answers with the projects whose repositories the caller removes once this is committed.
 * @param hard removes groups too that nobody else owns; otherwise such groups keep the user from being removed
 */
export const deleteUser = (store: Store, id: UserId, hard: boolean, now: number): Promise<readonly ProjectId[] | 'sole-owner'> =>
  store.write.transaction().execute(async (transaction) => {
    if (!hard && (await solelyOwned(transaction, id)).length > 0) return 'sole-owner'
    return removeRows(transaction, id, hard, now)
  })
