import type { Settings } from '../config.ts'
import type { AccessTokenId } from '../core/ids.ts'
import { isAccessTokenScope } from '../core/scope.ts'
import { Secret } from '../core/secret.ts'
import { createToken, revokeToken, type TokenRow, tokenByDigest, tokenById } from '../store/access-tokens.ts'
import { entityOfUser } from '../store/audit-entities.ts'
import { tokenBirth, tokenEnd } from '../store/token-notes.ts'
import { readTokenTerms } from '../store/token-terms.ts'
import { type Account, findUser, userById } from '../store/users.ts'
import { digestOf } from '../tokens/digest.ts'
import { personalScopes } from '../tokens/kinds.ts'
import { lastExpiry, usualExpiry } from '../tokens/lifetime.ts'
import { makeToken } from '../tokens/make.ts'
import { inOpenedHome, type OpenedHome } from './opened-home.ts'
import { json, type Output } from './output.ts'
import { Refused, WrongUsage } from './refused.ts'

export interface NewToken {
  readonly user: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresAt: string | undefined
}

const ownerOf = async ({ store }: OpenedHome, name: string): Promise<Account> => {
  const account = await findUser(store.read, name)
  if (account === undefined) throw new Refused(`there is no user ${JSON.stringify(name)}`)
  if (account.kind !== 'human' && account.kind !== 'service_account') {
    throw new Refused(`${account.username} is no person and no service account; it gets its tokens from its project or group`)
  }
  if (account.state !== 'active') throw new Refused(`${account.username} is ${account.state}: no token of theirs would work`)
  return account
}

const requireScopes = (scopes: readonly string[], owner: Account): void => {
  const offered = personalScopes(owner.is_admin === 1)
  const wrong = scopes.find((scope) => !isAccessTokenScope(scope) || !offered.includes(scope))
  if (wrong !== undefined) throw new WrongUsage(`--scopes: ${JSON.stringify(wrong)} is none of ${offered.join(', ')}`)
  if (scopes.length === 0) throw new WrongUsage("--scopes can't be blank")
}

/** Makes a user's token. The secret stands on standard output, this once. */
export const makeUserToken = (settings: Settings, asked: NewToken): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const { store, now } = home
    const owner = await ownerOf(home, asked.user)
    requireScopes(asked.scopes, owner)
    const { prefix, life } = await readTokenTerms(store.read, owner.kind === 'service_account')
    const last = lastExpiry(life, now)
    if (asked.expiresAt !== undefined && last !== undefined && asked.expiresAt > last) {
      throw new Refused(`--expires-at ${asked.expiresAt}: it must be before ${last}`)
    }
    const { digest, secret } = makeToken(prefix)
    const token = await createToken(
      store,
      {
        user: owner.id,
        name: asked.name,
        description: null,
        digest,
        scopes: asked.scopes,
        impersonation: false,
        expiresOn: asked.expiresAt ?? usualExpiry(life, now),
        createdBy: owner.id,
      },
      now,
    )
    if (token === undefined) throw new Refused(`there is no user ${JSON.stringify(asked.user)}`)
    home.audit([tokenBirth(owner, await entityOfUser(store.read, owner), token)])
    const text = Secret.open(secret)
    const { id, name, expires_at } = token
    if (!settings.json) return `${text}\n`
    return json({ id, token: text, user: owner.username, name, scopes: asked.scopes, expires_at })
  })

/** By number, or by the secret itself. */
export type WhichToken = AccessTokenId | Secret

const find = ({ store }: OpenedHome, which: WhichToken): Promise<TokenRow | undefined> =>
  which instanceof Secret
    ? tokenByDigest(store.read, digestOf(which)).then((found) => found?.token)
    : tokenById(store.read, which)

/** Ends a token at once. One that was ended before is no fault. */
export const endToken = (settings: Settings, which: WhichToken): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const token = await find(home, which)
    const owner = token && (await userById(home.store.read, token.user_id))
    if (token === undefined || owner === undefined) {
      throw new Refused(
        which instanceof Secret ? 'there is no access token with that secret' : `there is no access token ${which}`,
      )
    }
    if (token.revoked === 0) {
      const ended = tokenEnd(owner, await entityOfUser(home.store.read, owner), token)
      await revokeToken(home.store, token, home.now)
      home.audit([ended])
    }
    const already = token.revoked === 1
    if (settings.json) return json({ id: token.id, name: token.name, user: owner.username, revoked: true, already })
    return `${already ? 'Was revoked before' : 'Revoked'}: access token ${token.id} of ${owner.username}\n`
  })
