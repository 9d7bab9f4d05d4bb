import type { UserId } from '../../../core/ids.ts'
import { selectServiceAccounts } from '../../../store/service-accounts.ts'
import { type Account, userById } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { badRequest, plainNotFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { paginate } from '../pagination.ts'
import {
  accountDeletion,
  accountNames,
  accountOrder,
  makeServiceAccount,
  removeServiceAccount,
  renameServiceAccount,
} from './service-account-change.ts'
import { serviceAccountEntity, serviceAccountShape } from './service-account-shape.ts'

const list = (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  const { order_by = 'id', sort = 'desc' } = call.read(accountOrder)
  const query = selectServiceAccounts(call.parts.store.read).orderBy(`users.${order_by}`, sort)
  return paginate(call, query, (rows: Account[]) => rows.map(serviceAccountShape))
}

const create = async (call: Call): Promise<Answer> => {
  requireAdmin(call.caller)
  return created(serviceAccountShape(await makeServiceAccount(call, undefined)))
}

/** An administrator may name a group's account here too, as in GitLab. */
const named = async (call: Call): Promise<Account> => {
  requireAdmin(call.caller)
  const account = await userById(call.parts.store.read, numberIn(call.word('user_id'), 'user_id') as UserId)
  if (account === undefined) throw plainNotFound('404 Not found')
  if (account.kind !== 'service_account') throw badRequest('User is not a service account')
  return account
}

const update = async (call: Call): Promise<Answer> => ok(serviceAccountShape(await renameServiceAccount(call, await named(call))))

const remove = async (call: Call): Promise<Answer> => {
  await removeServiceAccount(call, await named(call))
  return noContent
}

/** Accounts of machines that belong to the whole instance (gitlab `ee/lib/api/service_accounts.rb`). */
export const serviceAccountRoutes: readonly Route[] = [
  route('GET', '/service_accounts', { input: [accountOrder], output: serviceAccountEntity, paged: true, handler: list }),
  route('POST', '/service_accounts', { input: [accountNames], output: serviceAccountEntity, handler: create }),
  route('PATCH', '/service_accounts/:user_id', { input: [accountNames], output: serviceAccountEntity, handler: update }),
  route('DELETE', '/service_accounts/:user_id', { input: [accountDeletion], handler: remove }),
]
