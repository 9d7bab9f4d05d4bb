import { z } from 'zod'
import type { UserTokenKind } from '../../../store/schema.ts'
import { created, ok } from '../answer.ts'
import { type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { secretField, withSecret } from './token-shape.ts'
import { resetUserToken, userToken } from './user-token-reset.ts'

const userTokenEntity = z.object(secretField).meta({ id: 'UserToken' })

const routesOf = (kind: UserTokenKind): readonly Route[] => {
  const path = `/sallyport/user/${kind}_token`
  const words = `${kind.replace('_', ' ')} token`
  return [
    route('GET', path, {
      summary: `Show own ${words}`,
      output: userTokenEntity,
      tellsSecret: true,
      handler: async (call) => ok(withSecret({}, await userToken(call, requireUser(call.caller).account, kind))),
    }),
    route('POST', `${path}/reset`, {
      summary: `Reset own ${words}`,
      output: userTokenEntity,
      handler: async (call) => created(withSecret({}, await resetUserToken(call, requireUser(call.caller).account, kind))),
    }),
  ]
}

/** One's own tokens for feeds and mail. GitLab shows and resets them on its web pages alone, so the paths are ours. */
export const userTokenRoutes: readonly Route[] = [...routesOf('feed'), ...routesOf('incoming_email')]
