import { z } from 'zod'
import { ok } from '../answer.ts'
import { type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { adminEntity, adminShape, ownEntity, ownShape } from './user-shape.ts'

export const currentUserRoutes: readonly Route[] = [
  route('GET', '/user', {
    scopes: ['read_user'],
    summary: 'Show the caller',
    output: z.union([adminEntity, ownEntity]),
    handler: async (call) => {
      const { account, isAdmin } = requireUser(call.caller)
      return ok(isAdmin ? await adminShape(call, account) : ownShape(call, account))
    },
  }),
]
