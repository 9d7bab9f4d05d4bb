import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { AuditNote } from '../../../core/audit.ts'
import type { NamespaceId } from '../../../core/ids.ts'
import { entityOfUser } from '../../../store/audit-entities.ts'
import { createServiceAccount } from '../../../store/service-accounts.ts'
import { type Account, deleteUser, type Taken, updateUser } from '../../../store/users.ts'
import { aboutUser, changesOf } from '../audit-words.ts'
import type { Call } from '../call.ts'
import { requireUser } from '../caller.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { flag, oneOf, optional, text } from '../input.ts'
import { refuseModified } from '../precondition.ts'
import { publicHost } from '../urls.ts'
import { fieldProblems } from './user-input.ts'

/** Longer texts are let through here: the field's own check answers them. */
const long = 2048

export const accountNames = z.object({
  name: optional(text(long)),
  username: optional(text(long)),
  email: optional(text(long)),
})

type Names = z.output<typeof accountNames>

export const accountOrder = z.object({ order_by: optional(oneOf(['id', 'username'])), sort: optional(oneOf(['asc', 'desc'])) })

export const accountDeletion = z.object({ hard_delete: optional(flag()) })

const takenTexts: Record<Taken, string> = {
  'email-taken': 'Email has already been taken',
  'username-taken': 'Username has already been taken',
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** Throws what is wrong with the names, as GitLab's services put it into one sentence. */
const refuseNames = (names: Names): void => {
  const sentences = Object.entries(fieldProblems(names)).flatMap(([field, texts]) =>
    texts.map((line) => `${capital(field)} ${line}`),
  )
  if (sentences.length > 0) throw badRequest(sentences.join(' and '))
}

/** Where events about an account belong: with its group, if it has one. */
const about = async (call: Call, account: Account): Promise<Pick<AuditNote, 'entity' | 'target'>> => ({
  ...aboutUser(account),
  entity: await entityOfUser(call.parts.store.read, account),
})

/** Makes a service account, with names made up where none are given (gitlab `Users::ServiceAccounts::CreateService`). */
export const makeServiceAccount = async (call: Call, group: NamespaceId | undefined): Promise<Account> => {
  const names = call.read(accountNames)
  refuseNames(names)
  const madeUp = `service_account_${group === undefined ? '' : `group_${group}_`}${randomBytes(16).toString('hex')}`
  const fields = {
    username: names.username ?? madeUp,
    name: names.name ?? 'Service account user',
    email: names.email ?? `${madeUp}@noreply.${publicHost(call.parts.settings)}`,
    group,
    createdBy: requireUser(call.caller).user.id,
  }
  const account = await createServiceAccount(call.parts.store, fields, call.now)
  if (account === 'group-gone') throw notFound('Group')
  if ('length' in account) throw badRequest(account.map((taken) => takenTexts[taken]).join(' and '))
  call.audit({ name: 'user_created', ...(await about(call, account)), message: `Service account ${account.username} created` })
  return account
}

const changeNames = [
  ['email', 'user_email_address_updated'],
  ['username', 'user_username_updated'],
  ['name', 'user_name_updated'],
] as const

/** What is not given stays. */
export const renameServiceAccount = async (call: Call, account: Account): Promise<Account> => {
  const { name, username, email } = call.read(accountNames)
  refuseNames({ name, username, email })
  const change = {
    ...(name !== undefined && { name }),
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email }),
  }
  const outcome = await updateUser(call.parts.store, account.id, change, call.now)
  if (outcome === 'gone') throw notFound('User')
  if (typeof outcome === 'string') throw badRequest(takenTexts[outcome])
  const changed = outcome.account
  call.audit(...changesOf(account, changed, changeNames, await about(call, changed)))
  return changed
}

export const removeServiceAccount = async (call: Call, account: Account): Promise<void> => {
  const { hard_delete } = call.read(accountDeletion)
  refuseModified(call, account.updated_at)
  const subject = await about(call, account)
  const projects = await deleteUser(call.parts.store, account.id, hard_delete === true, call.parts.clock())
  if (projects === 'sole-owner') throw conflict('User cannot be removed while is the sole-owner of a group')
  for (const project of projects) await call.parts.repositories.remove(project)
  call.audit({ name: 'user_destroyed', ...subject, message: `Service account ${account.username} removed` })
}
