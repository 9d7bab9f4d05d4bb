import type { Secret } from '../../../core/secret.ts'
import type { UserTokenKind } from '../../../store/schema.ts'
import { placeOfUserToken, putUserToken, sealedUserToken } from '../../../store/user-tokens.ts'
import type { Account } from '../../../store/users.ts'
import { makeToken } from '../../../tokens/make.ts'
import { userEntity } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { notFound } from '../errors.ts'

export const userTokenPrefixes: Readonly<Record<UserTokenKind, string>> = { feed: 'glft-', incoming_email: 'glimt-' }

const names: Readonly<Record<UserTokenKind, string>> = { feed: 'feed token', incoming_email: 'incoming email token' }

const note = (call: Call, account: Account, kind: UserTokenKind, doing: 'created' | 'reset'): void =>
  call.audit({
    name: `user_${kind}_token_${doing}`,
    entity: userEntity(account),
    target: { type: 'User', id: account.id, details: account.username },
    message: `${doing === 'created' ? 'Created' : 'Reset'} the ${names[kind]} of ${account.username}`,
  })

const put = async (call: Call, account: Account, kind: UserTokenKind, keep: boolean): Promise<Secret> => {
  const { store, sealer } = call.parts
  const sealed = await putUserToken(store, account.id, kind, makeToken(userTokenPrefixes[kind]), sealer, keep, call.now)
  if (sealed === undefined) throw notFound('User')
  return sealer.open(sealed, placeOfUserToken(account.id, kind))
}

/** A user's token; made when it is first asked for. */
export const userToken = async (call: Call, account: Account, kind: UserTokenKind): Promise<Secret> => {
  const sealed = await sealedUserToken(call.parts.store.read, account.id, kind)
  if (sealed !== undefined) return call.parts.sealer.open(sealed, placeOfUserToken(account.id, kind))
  const made = await put(call, account, kind, true)
  note(call, account, kind, 'created')
  return made
}

/** Puts a new token in the place of a user's: the old one is over at once. */
export const resetUserToken = async (call: Call, account: Account, kind: UserTokenKind): Promise<Secret> => {
  const secret = await put(call, account, kind, false)
  note(call, account, kind, 'reset')
  return secret
}
