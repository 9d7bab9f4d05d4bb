import { userById } from '../../../store/users.ts'
import { turnOffTwoFactor } from '../../../store/web/two-factor.ts'
import { noContent } from '../answer.ts'
import { aboutUser } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { badRequest, forbidden } from '../errors.ts'
import { accountOf } from './users.ts'

/** False where it was off already. */
const turnOff = ({ parts, now }: Call, id: Parameters<typeof userById>[1]): Promise<boolean> =>
  parts.store.write.transaction().execute(async (writer) => {
    const account = await userById(writer, id)
    if (account?.two_factor_enabled !== 1) return false
    await turnOffTwoFactor(writer, id, now)
    return true
  })

/** For users who lost it. That of administrators is not turned off this way (GitLab docs, "Users API"). */
const disable = async (call: Call) => {
  requireAdmin(call.caller)
  const account = await accountOf(call)
  if (account.is_admin === 1) throw forbidden()
  if (!(await turnOff(call, account.id))) throw badRequest('Two-factor authentication is not enabled for this user')
  call.audit({ name: 'user_disable_two_factor', ...aboutUser(account), message: 'Disabled One-time password authenticator' })
  return noContent
}

export const userTwoFactorRoutes: readonly Route[] = [
  route('PATCH', '/users/:id/disable_two_factor', {
    summary: 'Turn off the second factor of a user',
    status: 204,
    handler: disable,
  }),
]
