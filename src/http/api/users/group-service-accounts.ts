import type { UserId } from '../../../core/ids.ts'
import { serviceAccountsOf } from '../../../store/service-accounts.ts'
import type { Account } from '../../../store/users.ts'
import { type Answer, created, noContent, ok } from '../answer.ts'
import { type Call, type Route, route } from '../call.ts'
import { badRequest, notFound } from '../errors.ts'
import { numberIn } from '../input.ts'
import { paginate } from '../pagination.ts'
import { reachGroup } from '../reach.ts'
import {
  accountDeletion,
  accountNames,
  accountOrder,
  makeServiceAccount,
  removeServiceAccount,
  renameServiceAccount,
} from './service-account-change.ts'
import { serviceAccountEntity, serviceAccountShape } from './service-account-shape.ts'

/** The service account of `:user_id` in the group of `:id`. Throws 404 for those of other groups and of the instance. */
export const groupServiceAccount = async (call: Call): Promise<Account> => {
  const { group } = await reachGroup(call, 'manage_service_accounts')
  const id = numberIn(call.word('user_id'), 'user_id') as UserId
  const account = await serviceAccountsOf(call.parts.store.read, group.id).where('users.id', '=', id).executeTakeFirst()
  if (account === undefined) throw notFound('User')
  return account
}

const list = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'manage_service_accounts')
  const { order_by = 'id', sort = 'desc' } = call.read(accountOrder)
  const query = serviceAccountsOf(call.parts.store.read, group.id).orderBy(`users.${order_by}`, sort)
  return paginate(call, query, (rows: Account[]) => rows.map(serviceAccountShape))
}

const onlyOnTop = 'User does not have permission to create a service account in this namespace.'

const create = async (call: Call): Promise<Answer> => {
  const { group } = await reachGroup(call, 'manage_service_accounts')
  if (group.parent_id !== null) throw badRequest(onlyOnTop)
  return created(serviceAccountShape(await makeServiceAccount(call, group.id)))
}

const update = async (call: Call): Promise<Answer> =>
  ok(serviceAccountShape(await renameServiceAccount(call, await groupServiceAccount(call))))

const remove = async (call: Call): Promise<Answer> => {
  await removeServiceAccount(call, await groupServiceAccount(call))
  return noContent
}

const path = '/groups/:id/service_accounts'

/** Accounts of machines that belong to a group on top, for its Owners (gitlab `ee/lib/api/group_service_accounts.rb`). */
export const groupServiceAccountRoutes: readonly Route[] = [
  route('GET', path, { input: [accountOrder], output: serviceAccountEntity, paged: true, handler: list }),
  route('POST', path, { input: [accountNames], output: serviceAccountEntity, handler: create }),
  route('PATCH', `${path}/:user_id`, { input: [accountNames], output: serviceAccountEntity, handler: update }),
  route('DELETE', `${path}/:user_id`, { input: [accountDeletion], handler: remove }),
]
