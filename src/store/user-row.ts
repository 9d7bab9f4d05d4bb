import type { Selectable } from 'kysely'
import type { User } from '../core/principal.ts'
import type { UsersTable } from './schema.ts'

/** The columns of `users` that access rules look at. */
export const userColumns = [
  'users.id',
  'users.username',
  'users.state',
  'users.kind',
  'users.is_admin',
  'users.is_external',
  'users.confirmed_at',
  'users.password_expires_at',
] as const

export type UserRow = Pick<
  Selectable<UsersTable>,
  'id' | 'username' | 'state' | 'kind' | 'is_admin' | 'is_external' | 'confirmed_at' | 'password_expires_at'
>

export const toUser = (row: UserRow, now: number): User => ({
  id: row.id,
  username: row.username,
  state: row.state,
  kind: row.kind,
  isAdmin: row.is_admin === 1,
  isExternal: row.is_external === 1,
  isConfirmed: row.confirmed_at !== null,
  passwordExpired: row.password_expires_at !== null && Date.parse(row.password_expires_at) <= now,
})
