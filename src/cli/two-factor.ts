import type { Settings } from '../config.ts'
import { findUser } from '../store/users.ts'
import { turnOffTwoFactor } from '../store/web/two-factor.ts'
import { inOpenedHome } from './opened-home.ts'
import { json, type Output } from './output.ts'
import { Refused } from './refused.ts'

/** Turns a user's second factor off. Where it was off already, that is no fault. */
export const disableTwoFactor = (settings: Settings, user: string): Promise<Output> =>
  inOpenedHome(settings, async ({ store, now, audit }) => {
    const disabled = await store.write.transaction().execute(async (writer) => {
      const account = await findUser(writer, user)
      if (account === undefined) throw new Refused(`there is no user ${JSON.stringify(user)}`)
      const already = account.two_factor_enabled === 0
      if (!already) await turnOffTwoFactor(writer, account.id, now)
      return { id: account.id, username: account.username, already }
    })
    const { id, username, already } = disabled
    if (!already) {
      audit([
        {
          name: 'user_disable_two_factor',
          entity: { kind: 'User', id, path: username },
          target: { type: 'User', id, details: username },
          message: 'Disabled One-time password authenticator',
        },
      ])
    }
    if (settings.json) return json({ user: username, disabled: true, already })
    return `${already ? 'Was off before' : 'Turned off'}: the second factor of ${username}\n`
  })
