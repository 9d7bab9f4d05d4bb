import { z } from 'zod'
import type { UserState } from '../../../core/principal.ts'
import { type Account, changeState, deleteUser } from '../../../store/users.ts'
import { type Answer, created } from '../answer.ts'
import { aboutUser } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { messageEntity } from '../entity-words.ts'
import { ApiError, conflict, forbidden } from '../errors.ts'
import { accountOf } from './users.ts'

const lockedOut: readonly UserState[] = ['blocked', 'blocked_pending_approval', 'banned']

const isLockedOut = ({ state }: Account): boolean => lockedOut.includes(state)

/** Refusals of GitLab's services do not begin with `403 Forbidden`. */
const refused = (message: string): ApiError =>
  new ApiError(403, { message }, { log: { 'meta.refusal_reason': 'wrong_user_state' } })

/** Whether it was done; null where there was nothing to do. */
const whetherEntity = z.boolean().nullable()

/** What GitLab says when there is nothing to do. */
const nothing = created(null)

interface Move {
  readonly from: readonly UserState[]
  readonly to: UserState
  /** GitLab's name of the event. */
  readonly event: string
}

const move = async (call: Call, account: Account, { from, to, event }: Move): Promise<Answer> => {
  const moved = await changeState(call.parts.store, account.id, from, to, call.now)
  const change = { field: 'state', from: account.state, to }
  if (moved) call.audit({ name: event, ...aboutUser(account), message: `User is ${to} now`, change })
  return created(moved)
}

const isCaller = ({ caller }: Call, { id }: Account): boolean => caller.kind === 'user' && caller.user.id === id

const block = async (call: Call, account: Account): Promise<Answer> => {
  if (isCaller(call, account)) {
    throw forbidden('The API initiating user cannot be blocked by the API')
  }
  if (isLockedOut(account) && account.state !== 'blocked_pending_approval') return nothing
  if (account.kind === 'ghost') throw refused('An internal user cannot be blocked')
  return move(call, account, {
    from: ['active', 'deactivated', 'blocked_pending_approval'],
    to: 'blocked',
    event: 'user_blocked',
  })
}

const unblock = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state === 'deactivated') throw forbidden('Deactivated users cannot be unblocked by the API')
  return move(call, account, { from: ['blocked', 'blocked_pending_approval'], to: 'active', event: 'unblock_user' })
}

/** In GitLab so for everyone who did something of late; here for the one who does something now: nobody locks himself out. */
const tooActive = (): ApiError =>
  refused('The user you are trying to deactivate has been active in the past 90 days and cannot be deactivated')

const deactivate = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state === 'deactivated') return nothing
  if (isLockedOut(account)) throw refused('Error occurred. A blocked user cannot be deactivated')
  if (account.kind === 'ghost') throw refused('Internal users cannot be deactivated')
  if (isCaller(call, account)) throw tooActive()
  return move(call, account, { from: ['active'], to: 'deactivated', event: 'user_deactivate' })
}

const activate = async (call: Call, account: Account): Promise<Answer> => {
  if (isLockedOut(account)) throw refused('Error occurred. A blocked user must be unblocked to be activated')
  return account.state === 'active'
    ? created(true)
    : move(call, account, { from: ['deactivated'], to: 'active', event: 'user_activate' })
}

/** gitlab `Users::BannedUserBaseService`: only the active are banned, only the banned let back in. */
const ban = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state !== 'active' || account.kind === 'ghost') throw refused(`You cannot ban ${account.state} users.`)
  return move(call, account, { from: ['active'], to: 'banned', event: 'ban_user' })
}

const unban = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state !== 'banned') throw refused(`You cannot unban ${account.state} users.`)
  return move(call, account, { from: ['banned'], to: 'active', event: 'unban_user' })
}

const success = created({ message: 'Success' })

const approve = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state !== 'blocked_pending_approval') {
    throw conflict('The user you are trying to approve is not pending approval')
  }
  await move(call, account, { from: ['blocked_pending_approval'], to: 'active', event: 'user_approved' })
  return success
}

/** Who is not let in is removed. */
const reject = async (call: Call, account: Account): Promise<Answer> => {
  if (account.state !== 'blocked_pending_approval') throw conflict('User does not have a pending request')
  const projects = await deleteUser(call.parts.store, account.id, true, call.now)
  call.audit({ name: 'user_rejected', ...aboutUser(account), message: `User ${account.username} rejected` })
  if (projects !== 'sole-owner') for (const project of projects) await call.parts.repositories.remove(project)
  return success
}

const byAdmin =
  (change: (call: Call, account: Account) => Promise<Answer>) =>
  async (call: Call): Promise<Answer> => {
    requireAdmin(call.caller)
    return change(call, await accountOf(call))
  }

/** An administrator's switches of an account (gitlab `lib/api/users.rb`). */
export const userStateRoutes: readonly Route[] = [
  route('POST', '/users/:id/block', { output: whetherEntity, handler: byAdmin(block) }),
  route('POST', '/users/:id/unblock', { output: whetherEntity, handler: byAdmin(unblock) }),
  route('POST', '/users/:id/deactivate', { output: whetherEntity, handler: byAdmin(deactivate) }),
  route('POST', '/users/:id/activate', { output: whetherEntity, handler: byAdmin(activate) }),
  route('POST', '/users/:id/ban', { output: whetherEntity, handler: byAdmin(ban) }),
  route('POST', '/users/:id/unban', { output: whetherEntity, handler: byAdmin(unban) }),
  route('POST', '/users/:id/approve', { output: messageEntity, handler: byAdmin(approve) }),
  route('POST', '/users/:id/reject', { output: messageEntity, handler: byAdmin(reject) }),
]
