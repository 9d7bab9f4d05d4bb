import { z } from 'zod'
import type { UserId } from '../../../core/ids.ts'
import { type ApplicationSettings, readApplicationSettings } from '../../../store/settings.ts'
import {
  type Account,
  createUser,
  deleteUser,
  flagOf,
  type NewUser,
  type Taken,
  updateUser,
  userById,
} from '../../../store/users.ts'
import { created, noContent, ok } from '../answer.ts'
import { aboutUser, changesOf } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { isAdministrator, requireAdmin } from '../caller.ts'
import { conflict, forbidden, notFound, parameterError } from '../errors.ts'
import { numberIn } from '../input.ts'
import { auditClaims } from '../members/member-claims.ts'
import { refuseModified } from '../precondition.ts'
import { hideBotNames } from './bot-names.ts'
import { userBriefEntity } from './user-brief.ts'
import { change, checkFields, creation, hardDeletion, hashPassword, switches } from './user-input.ts'
import { listUsers, userFilters } from './user-list.ts'
import { adminDetailsEntity, adminEntity, adminShape, profileEntity, profileShape } from './user-shape.ts'

/** The user of `:id`, a number. Throws 404. */
export const accountOf = async (call: Call, word = 'id'): Promise<Account> => {
  const account = await userById(call.parts.store.read, numberIn(call.word(word), word) as UserId)
  if (account === undefined) throw notFound('User')
  return account
}

const takenTexts: Record<Taken, string> = {
  'email-taken': 'Email has already been taken',
  'username-taken': 'Username has already been taken',
}

const settled = <Made extends object>(result: Made | Taken): Made => {
  if (typeof result === 'string') throw conflict(takenTexts[result])
  return result
}

const show = async (call: Call) => {
  if (call.caller.kind === 'anonymous') throw forbidden('Not authorized!')
  const account = await accountOf(call)
  if (!isAdministrator(call.caller)) {
    const [shown = account] = await hideBotNames(call, [account])
    return ok(profileShape(call, shown))
  }
  const details = { highest_role: null, current_sign_in_ip: null, last_sign_in_ip: null, sign_in_count: 0 }
  return ok({ ...(await adminShape(call, account)), ...details })
}

const noPassword = 'password, reset_password, force_random_password are missing, at least one parameter must be provided'

/**
 * What is not said is as the instance's settings have it. External users make neither groups nor projects, whatever else
 * is asked (gitlab `User#ensure_user_rights_and_limits`).
 */
const newUserOf = (
  input: z.output<typeof creation>,
  settings: ApplicationSettings,
  hash: string | null,
  maker: UserId,
): NewUser => ({
  email: input.email,
  username: input.username,
  name: input.name,
  is_admin: 0,
  is_external: flagOf(settings.user_default_external),
  can_create_group: flagOf(settings.can_create_group),
  projects_limit: settings.default_projects_limit,
  ...switches(input),
  ...((input.external ?? settings.user_default_external) && { can_create_group: 0, projects_limit: 0 }),
  password_hash: hash,
  created_by: maker,
})

const create = async (call: Call) => {
  const admin = requireAdmin(call.caller)
  const input = call.read(creation)
  const without = input.reset_password === true || input.force_random_password === true
  if (!without && input.password === undefined) throw parameterError(noPassword)
  const password = without ? undefined : input.password
  checkFields({ ...input, password })
  const hash = password === undefined ? null : await hashPassword(call, password)
  const settings = await readApplicationSettings(call.parts.store.read)
  const account = settled(await createUser(call.parts.store, newUserOf(input, settings, hash, admin.user.id), call.now))
  call.audit({ name: 'user_created', ...aboutUser(account), message: `User ${account.username} created` })
  await auditClaims(call, account)
  return created(await adminShape(call, account))
}

const changeNames = [
  ['email', 'user_email_address_updated'],
  ['username', 'user_username_updated'],
  ['name', 'user_name_updated'],
  ['is_admin', 'user_admin_status_updated'],
  ['is_external', 'user_external_status_updated'],
] as const

const update = async (call: Call) => {
  requireAdmin(call.caller)
  const input = call.read(change)
  const before = await accountOf(call)
  checkFields(input)
  const { email, username, name, password } = input
  const fields = {
    ...switches(input),
    ...(email !== undefined && { email }),
    ...(username !== undefined && { username }),
    ...(name !== undefined && { name }),
    ...(password !== undefined && { password_hash: await hashPassword(call, password), password_expires_at: null }),
  }
  const result = await updateUser(call.parts.store, before.id, fields, call.now)
  if (result === 'gone') throw notFound('User')
  const { account, joined } = settled(result)
  call.audit(...changesOf(before, account, changeNames, aboutUser(account)))
  if (password !== undefined) call.audit({ name: 'user_password_updated', ...aboutUser(account), message: 'Changed password' })
  await auditClaims(call, account, joined)
  return ok(await adminShape(call, account))
}

const remove = async (call: Call) => {
  requireAdmin(call.caller)
  const { hard_delete } = call.read(hardDeletion)
  const account = await accountOf(call)
  // The Ghost User keeps the work of those who are gone (gitlab `UserPolicy`).
  if (account.kind === 'ghost') throw forbidden()
  refuseModified(call, account.updated_at)
  const projects = await deleteUser(call.parts.store, account.id, hard_delete === true, call.parts.clock())
  if (projects === 'sole-owner') throw conflict('User cannot be removed while is the sole-owner of a group')
  call.audit({ name: 'user_destroyed', ...aboutUser(account), message: `User ${account.username} removed` })
  for (const project of projects) await call.parts.repositories.remove(project)
  return noContent
}

const scopes = ['read_user']

export const userRoutes: readonly Route[] = [
  route('GET', '/users', {
    scopes,
    open: true,
    input: [userFilters],
    output: z.union([adminEntity, userBriefEntity]),
    paged: true,
    handler: listUsers,
  }),
  route('POST', '/users', { input: [creation], output: adminEntity, handler: create }),
  route('GET', '/users/:id', {
    scopes,
    open: true,
    output: z.union([adminDetailsEntity, profileEntity]),
    handler: show,
  }),
  route('PUT', '/users/:id', { input: [change], output: adminEntity, handler: update }),
  route('DELETE', '/users/:id', { input: [hardDeletion], handler: remove }),
]
