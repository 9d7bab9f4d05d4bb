import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { WrongSetting } from '../config.ts'
import type { UserId } from '../core/ids.ts'
import { Secret } from '../core/secret.ts'
import type { Store } from '../store/sqlite.ts'
import { digestOf } from '../tokens/digest.ts'
import { makeToken } from '../tokens/make.ts'
import type { Passwords } from '../tokens/passwords.ts'
import type { Home } from './home.ts'
import { findRoot, insertRoot, insertRootToken, replaceRootToken } from './root-account.ts'
import type { StartNote } from './start-audit.ts'

export interface RootSettings {
  readonly rootToken: Secret | undefined
  readonly rootPassword: Secret | undefined
}

interface Place {
  readonly store: Store
  readonly home: Home
  readonly passwords: Passwords
  readonly now: number
  /** Tells the audit. */
  readonly record: (note: StartNote) => void
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

const tokenFile = (home: Home): string => join(home.keys, 'root-token')
const passwordFile = (home: Home): string => join(home.keys, 'root-password')

const hashOf = async (passwords: Passwords, password: Secret): Promise<string> => {
  const hash = await passwords.hash(password)
  if (hash === 'busy') throw new Error('no password can be hashed while the server starts')
  return hash
}

/** The files come first: an administrator whose secrets nobody was told would be one too many. */
const makeRoot = async ({ store, home, passwords, now, record }: Place, given: RootSettings): Promise<void> => {
  const password = given.rootPassword ?? new Secret(randomBytes(18).toString('base64url'))
  const token = given.rootToken ?? makeToken('glpat-').secret
  const hash = await hashOf(passwords, password)
  keepSecret(passwordFile(home), password)
  keepSecret(tokenFile(home), token)
  const made = await store.write.transaction().execute(async (writer) => {
    const user = await insertRoot(writer, hash, now)
    return { user, token: await insertRootToken(writer, user, digestOf(token), now) }
  })
  record({ kind: 'account made', user: made.user })
  record({ kind: 'token made', ...made })
}

const givenPasswordHolds = async ({ store, home, passwords, record }: Place, user: UserId, password: Secret): Promise<void> => {
  const row = await store.read.selectFrom('users').where('id', '=', user).select('password_hash').executeTakeFirstOrThrow()
  if ((await passwords.verify(row.password_hash ?? undefined, password)) === 'right') return
  const hash = await hashOf(passwords, password)
  await store.write.updateTable('users').set({ password_hash: hash }).where('id', '=', user).execute()
  keepSecret(passwordFile(home), password)
  record({ kind: 'password changed', user })
}

const givenTokenHolds = async ({ store, home, now, record }: Place, user: UserId, token: Secret): Promise<boolean> => {
  const outcome = await store.write.transaction().execute((writer) => replaceRootToken(writer, user, digestOf(token), now))
  if (outcome === 'of another user') {
    throw new WrongSetting("SALLYPORT_ROOT_TOKEN: its value is another user's token already; give a new one")
  }
  const replaced = typeof outcome === 'object'
  if (replaced) {
    if (outcome.ended !== undefined) record({ kind: 'token ended', user, token: outcome.ended })
    record({ kind: 'token made', user, token: outcome.token })
  }
  if (replaced || !existsSync(tokenFile(home))) keepSecret(tokenFile(home), token)
  return replaced
}

/**
 * Sees to it that there is an administrator who can get in: makes `root` with a token and a password where there is
 * none; later only what the settings give by hand is made to hold.
 * @returns the file that holds a token which is new, for the start to name; never the token.
 */
export const ensureRoot = async (
  store: Store,
  home: Home,
  passwords: Passwords,
  given: RootSettings,
  now: number,
  record: (note: StartNote) => void,
): Promise<string | undefined> => {
  const place: Place = { store, home, passwords, now, record }
  const root = await findRoot(store.read)
  if (root === undefined) {
    await makeRoot(place, given)
    return tokenFile(home)
  }
  if (given.rootPassword !== undefined) await givenPasswordHolds(place, root, given.rootPassword)
  const replaced = given.rootToken !== undefined && (await givenTokenHolds(place, root, given.rootToken))
  return replaced ? tokenFile(home) : undefined
}
