import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessTokenId, UserId } from '../core/ids.ts'
import { Secret } from '../core/secret.ts'
import { instantOf } from '../store/instant.ts'
import { insertUserNamespace } from '../store/namespaces.ts'
import type { Writer } from '../store/routes.ts'
import type { Store } from '../store/sqlite.ts'
import { digestOf } from '../tokens/digest.ts'
import { makeToken } from '../tokens/make.ts'
import type { Passwords } from '../tokens/passwords.ts'
import type { Home } from './home.ts'

/** Scopes of the first administrator's token. */
const rootScopes = ['api', 'read_repository', 'write_repository', 'sudo', 'admin_mode', 'read_registry', 'write_registry']

export interface RootSettings {
  readonly rootToken: Secret | undefined
  readonly rootPassword: Secret | undefined
}

/** Which token the start made or was given last: the one that a newly given token takes the place of. */
const rootTokenKey = 'root_token_id'

const noteRootToken = async (writer: Writer, id: AccessTokenId): Promise<void> => {
  const value = JSON.stringify(id)
  await writer
    .insertInto('settings')
    .values({ key: rootTokenKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

const notedRootToken = async (writer: Writer): Promise<AccessTokenId | undefined> => {
  const row = await writer.selectFrom('settings').where('key', '=', rootTokenKey).select('value').executeTakeFirst()
  return row === undefined ? undefined : (Number(row.value) as AccessTokenId)
}

/** Writes a secret where only this user can read it, whole or not at all. */
const keepSecret = (file: string, secret: Secret): void => {
  const temporary = `${file}.new`
  const handle = openSync(temporary, 'w', 0o600)
  writeSync(handle, `${Secret.open(secret)}\n`)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(temporary, file)
}

const insertRoot = async (writer: Writer, passwordHash: string, now: number): Promise<UserId> => {
  const at = instantOf(now)
  const user = await writer
    .insertInto('users')
    .values({
      username: 'root',
      username_key: 'root',
      name: 'Administrator',
      email: 'admin@example.com',
      email_key: 'admin@example.com',
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
  return user.id
}

const insertRootToken = async (writer: Writer, user: UserId, digest: string, now: number): Promise<AccessTokenId> => {
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
  await noteRootToken(writer, token.id)
  return token.id
}

/** The given token takes the place of the stored one, which is revoked. */
const replaceRootToken = async (writer: Writer, user: UserId, digest: string, now: number): Promise<boolean> => {
  const stored = await notedRootToken(writer)
  const same = await writer.selectFrom('access_tokens').where('digest', '=', digest).select(['id', 'revoked']).executeTakeFirst()
  if (same !== undefined && same.revoked === 0) return false
  if (stored !== undefined) await writer.updateTable('access_tokens').set({ revoked: 1 }).where('id', '=', stored).execute()
  if (same === undefined) await insertRootToken(writer, user, digest, now)
  else await reviveRootToken(writer, same.id)
  return true
}

const reviveRootToken = async (writer: Writer, id: AccessTokenId): Promise<void> => {
  await writer.updateTable('access_tokens').set({ revoked: 0 }).where('id', '=', id).execute()
  await noteRootToken(writer, id)
}

const hashOf = async (passwords: Passwords, password: Secret): Promise<string> => {
  const hash = await passwords.hash(password)
  if (hash === 'busy') throw new Error('no password can be hashed while the server starts')
  return hash
}

const firstStart = async (store: Store, home: Home, passwords: Passwords, given: RootSettings, now: number): Promise<void> => {
  const password = given.rootPassword ?? new Secret(randomBytes(18).toString('base64url'))
  const token = given.rootToken ?? makeToken('glpat-').secret
  const hash = await hashOf(passwords, password)
  keepSecret(join(home.keys, 'root-password'), password)
  keepSecret(join(home.keys, 'root-token'), token)
  await store.write.transaction().execute(async (writer) => {
    const user = await insertRoot(writer, hash, now)
    await insertRootToken(writer, user, digestOf(token), now)
  })
}

const givenPasswordHolds = async (
  store: Store,
  user: UserId,
  home: Home,
  passwords: Passwords,
  password: Secret,
): Promise<void> => {
  const row = await store.read.selectFrom('users').where('id', '=', user).select('password_hash').executeTakeFirstOrThrow()
  if ((await passwords.verify(row.password_hash ?? undefined, password)) === 'right') return
  const hash = await hashOf(passwords, password)
  await store.write.updateTable('users').set({ password_hash: hash }).where('id', '=', user).execute()
  keepSecret(join(home.keys, 'root-password'), password)
}

const givenTokenHolds = async (store: Store, user: UserId, home: Home, token: Secret, now: number): Promise<boolean> => {
  const replaced = await store.write.transaction().execute((writer) => replaceRootToken(writer, user, digestOf(token), now))
  if (replaced || !existsSync(join(home.keys, 'root-token'))) keepSecret(join(home.keys, 'root-token'), token)
  return replaced
}

/**
 * Sees to it that there is an administrator who can get in: makes `root` with a token and a password on the first
 * start; later only what the settings give by hand is made to hold.
 * @returns the file that holds a token which is new, for the start to name; never the token.
 */
export const ensureRoot = async (
  store: Store,
  home: Home,
  passwords: Passwords,
  given: RootSettings,
  now: number,
): Promise<string | undefined> => {
  const file = join(home.keys, 'root-token')
  const root = await store.read.selectFrom('users').where('username_key', '=', 'root').select('id').executeTakeFirst()
  if (root === undefined) {
    await firstStart(store, home, passwords, given, now)
    return file
  }
  if (given.rootPassword !== undefined) await givenPasswordHolds(store, root.id, home, passwords, given.rootPassword)
  const replaced = given.rootToken !== undefined && (await givenTokenHolds(store, root.id, home, given.rootToken, now))
  return replaced ? file : undefined
}
