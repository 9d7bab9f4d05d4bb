import { z } from 'zod'
import type { KeyId } from '../../../core/ids.ts'
import { createKey, deleteKey, type KeyRow, userKeys } from '../../../store/keys.ts'
import { type Account, findUser } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { userEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin, requireUser } from '../caller.ts'
import { forbidden, notFound } from '../errors.ts'
import { numberIn, oneOf, optional } from '../input.ts'
import { paginate } from '../pagination.ts'
import { refuseModified } from '../precondition.ts'
import { unused, useOf, usesOf } from '../tokens/last-use.ts'
import { accountOf } from '../users/users.ts'
import { checkKey, keyTaken, newKeyFields } from './key-input.ts'
import { userKeyEntity, userKeyShape } from './key-shape.ts'

/** Whose keys a route speaks of; throws where the caller may not. */
type Whose = (call: Call) => Promise<Account>

const ownAccount: Whose = async (call) => requireUser(call.caller).account

/** Public keys are public: anyone reads them, by a user's number or name. */
const anyAccount: Whose = async (call) => {
  const account = await findUser(call.parts.store.read, call.word('id'))
  if (account === undefined) throw notFound('User')
  return account
}

const administered: Whose = async (call) => {
  requireAdmin(call.caller)
  return accountOf(call)
}

const listKeys =
  (whose: Whose) =>
  async (call: Call): Promise<Answer> => {
    const account = await whose(call)
    const keys = userKeys(call.parts.store.read, account.id).orderBy('id')
    return paginate(call, keys, async (rows) => {
      const use = await usesOf(call, 'key', rows)
      return rows.map((row) => userKeyShape(call, row, use(row), account))
    })
  }

const named = async (call: Call, account: Account): Promise<KeyRow> => {
  const id = numberIn(call.word('key_id'), 'key_id') as KeyId
  const key = await userKeys(call.parts.store.read, account.id).where('id', '=', id).executeTakeFirst()
  if (key === undefined) throw notFound('Key')
  return key
}

const show =
  (whose: Whose) =>
  async (call: Call): Promise<Answer> => {
    const account = await whose(call)
    const key = await named(call, account)
    return ok(userKeyShape(call, key, await useOf(call, 'key', key), account))
  }

const aboutKey = (key: KeyRow, account: Account) => ({
  entity: userEntity(account),
  target: { type: 'Key', id: key.id, details: key.title },
})

/** The bot of a token lives as long as the token: a key would open where the token does no longer. */
const refuseBot = ({ kind }: Account): void => {
  if (kind === 'project_bot') throw forbidden()
}

const newKey = z.object({ ...newKeyFields, usage_type: optional(oneOf(['auth_and_signing', 'auth', 'signing'])) })

const create =
  (whose: Whose) =>
  async (call: Call): Promise<Answer> => {
    const account = await whose(call)
    refuseBot(account)
    const { title, usage_type, expires_at, key } = call.read(newKey)
    const row = await createKey(
      call.parts.store,
      {
        kind: 'user',
        user: account.id,
        title,
        key: checkKey({ key, title, expires_at }, call.now),
        usage: usage_type ?? 'auth_and_signing',
        isPublic: false,
        expiresAt: expires_at ?? null,
      },
      call.now,
    )
    if (row === 'taken') throw keyTaken()
    call.audit({ name: 'add_ssh_key', ...aboutKey(row, account), message: 'Added SSH key' })
    return created(userKeyShape(call, row, unused, account))
  }

const remove =
  (whose: Whose) =>
  async (call: Call): Promise<Answer> => {
    const account = await whose(call)
    const key = await named(call, account)
    refuseModified(call, key.created_at)
    await deleteKey(call.parts.store, key.id)
    call.audit({ name: 'remove_ssh_key', ...aboutKey(key, account), message: 'Removed SSH key' })
    return noContent
  }

const scopes = ['read_user']

const ofMany = { output: userKeyEntity, paged: true } as const

export const userKeyRoutes: readonly Route[] = [
  route('GET', '/user/keys', { ...ofMany, scopes, handler: listKeys(ownAccount) }),
  route('POST', '/user/keys', { input: [newKey], output: userKeyEntity, handler: create(ownAccount) }),
  route('GET', '/user/keys/:key_id', { scopes, output: userKeyEntity, handler: show(ownAccount) }),
  route('DELETE', '/user/keys/:key_id', { handler: remove(ownAccount) }),
  route('GET', '/users/:id/keys', { ...ofMany, scopes, open: true, handler: listKeys(anyAccount) }),
  route('POST', '/users/:id/keys', { input: [newKey], output: userKeyEntity, handler: create(administered) }),
  route('GET', '/users/:id/keys/:key_id', { scopes, open: true, output: userKeyEntity, handler: show(anyAccount) }),
  route('DELETE', '/users/:id/keys/:key_id', { handler: remove(administered) }),
]
