import { ok } from './answer.ts'
import { type Route, route } from './call.ts'
import { requireUser } from './caller.ts'
import { adminShape, ownShape } from './user-shape.ts'

export const currentUserRoutes: readonly Route[] = [
  route('GET', '/user', {
    scopes: ['read_user'],
    handler: async (call) => {
      const { account, isAdmin } = requireUser(call.caller)
      return ok(isAdmin ? await adminShape(call, account) : ownShape(call, account))
    },
  }),
]
