import type { Selectable } from 'kysely'
import type { UserId } from '../core/ids.ts'
import type { Reader } from './routes.ts'
import type { UsersTable } from './schema.ts'

/** A user's whole row. */
export type Account = Selectable<UsersTable>

export const userById = (reader: Reader, id: UserId): Promise<Account | undefined> =>
  reader.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()

export const userByName = (reader: Reader, username: string): Promise<Account | undefined> =>
  reader.selectFrom('users').selectAll().where('username_key', '=', username.toLowerCase()).executeTakeFirst()

/** By number or username, as GitLab's `Sudo` header takes them. */
export const findUser = (reader: Reader, idOrName: string): Promise<Account | undefined> =>
  /^\d{1,15}$/.test(idOrName) ? userById(reader, Number(idOrName) as UserId) : userByName(reader, idOrName)
