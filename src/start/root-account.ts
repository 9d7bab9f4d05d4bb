import type { AccessTokenId, UserId } from '../core/ids.ts'
import { instantOf } from '../store/instant.ts'
import { insertUserNamespace } from '../store/namespaces.ts'
import { isTaken, type Reader, type Writer } from '../store/routes.ts'

/** Scopes of the first administrator's token. */
const rootScopes = ['api', 'read_repository', 'write_repository', 'sudo', 'admin_mode', 'read_registry', 'write_registry']

/** What the start remembers: whose account it made, and which token it made or was given last. */
const notes = { account: 'root_user_id', token: 'root_token_id' } as const

const note = async (writer: Writer, key: string, id: number): Promise<void> => {
  const value = JSON.stringify(id)
  await writer
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

const noted = async (reader: Reader, key: string): Promise<number | undefined> => {
  const row = await reader.selectFrom('settings').where('key', '=', key).select('value').executeTakeFirst()
  return row === undefined ? undefined : Number(row.value)
}

/**
 * The first administrator: the account that the first start made, whatever it is called by now; where it was deleted,
 * the oldest administrator that is left. Undefined where there is none.
 */
export const findRoot = async (reader: Reader): Promise<UserId | undefined> => {
  const administrators = await reader
    .selectFrom('users')
    .where('is_admin', '=', 1)
    .where('kind', '=', 'human')
    .orderBy('id')
    .select('id')
    .execute()
  const made = await noted(reader, notes.account)
  return (administrators.find((user) => user.id === made) ?? administrators[0])?.id
}

/** `root`, or with a number where the name, its path or its address is somebody else's by now. */
const freeName = async (writer: Writer): Promise<string> => {
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? 'root' : `root${number}`
    const user = await writer
      .selectFrom('users')
      .where((where) => where.or([where('username_key', '=', name), where('email_key', '=', addressOf(name))]))
      .select('id')
      .executeTakeFirst()
    if (user === undefined && !(await isTaken(writer, name))) return name
  }
}

const addressOf = (name: string): string => (name === 'root' ? 'admin@example.com' : `${name}@example.com`)

export const insertRoot = async (writer: Writer, passwordHash: string, now: number): Promise<UserId> => {
  const name = await freeName(writer)
  const at = instantOf(now)
  const user = await writer
    .insertInto('users')
    .values({
      username: name,
      username_key: name,
      name: 'Administrator',
      email: addressOf(name),
      email_key: addressOf(name),
      state: 'active',
      kind: 'human',
      is_admin: 1,
      is_external: 0,
      confirmed_at: at,
      can_create_group: 1,
      projects_limit: 100_000,
      password_hash: passwordHash,
      created_at: at,
      updated_at: at,
    })
    .returning(['id', 'username'])
    .executeTakeFirstOrThrow()
  await insertUserNamespace(writer, { id: user.id, username: user.username, name: 'Administrator' }, now)
  await note(writer, notes.account, user.id)
  return user.id
}

export const insertRootToken = async (writer: Writer, user: UserId, digest: string, now: number): Promise<AccessTokenId> => {
  const token = await writer
    .insertInto('access_tokens')
    .values({
      user_id: user,
      name: 'root token',
      digest,
      scopes: JSON.stringify(rootScopes),
      impersonation: 0,
      revoked: 0,
      created_at: instantOf(now),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await note(writer, notes.token, token.id)
  return token.id
}

const setRevoked = async (writer: Writer, id: AccessTokenId, revoked: 0 | 1): Promise<void> => {
  await writer.updateTable('access_tokens').set({ revoked }).where('id', '=', id).execute()
}

export interface Replaced {
  /** The token that was revoked, where one was remembered. */
  readonly ended: AccessTokenId | undefined
  readonly token: AccessTokenId
}

/** Makes a given token hold: it takes the place of the one before, which is revoked. */
export const replaceRootToken = async (
  writer: Writer,
  user: UserId,
  digest: string,
  now: number,
): Promise<'held already' | 'of another user' | Replaced> => {
  const same = await writer
    .selectFrom('access_tokens')
    .where('digest', '=', digest)
    .select(['id', 'user_id', 'revoked'])
    .executeTakeFirst()
  if (same !== undefined && same.user_id !== user) return 'of another user'
  if (same?.revoked === 0) return 'held already'
  const ended = (await noted(writer, notes.token)) as AccessTokenId | undefined
  if (ended !== undefined) await setRevoked(writer, ended, 1)
  if (same === undefined) return { ended, token: await insertRootToken(writer, user, digest, now) }
  await setRevoked(writer, same.id, 0)
  await note(writer, notes.token, same.id)
  return { ended, token: same.id }
}
