import type { UserId } from '../../../core/ids.ts'
import { type Call, type Route, route } from '../call.ts'
import { requireUser } from '../caller.ts'
import { forbidden } from '../errors.ts'
import { newApplication } from './application-input.ts'
import { listed, make, named, remove, renew } from './application-life.ts'
import { applicationEntity, newApplicationEntity } from './application-shape.ts'

/** People and service accounts have applications; the bot of one token has not, for they would outlive that token. */
const ownerOf = (call: Call): UserId => {
  const { user } = requireUser(call.caller)
  if (user.kind === 'project_bot') throw forbidden()
  return user.id
}

const path = '/sallyport/applications'

/** A user's own applications; GitLab has these on a page only. */
export const ownApplicationRoutes: readonly Route[] = [
  route('GET', path, { output: applicationEntity, paged: true, handler: async (call) => listed(call, ownerOf(call)) }),
  route('POST', path, {
    input: [newApplication],
    output: newApplicationEntity,
    handler: async (call) => make(call, ownerOf(call)),
  }),
  route('DELETE', `${path}/:id`, { handler: async (call) => remove(call, await named(call, ownerOf(call))) }),
  route('POST', `${path}/:id/renew-secret`, {
    output: newApplicationEntity,
    status: 200,
    summary: 'Renew the secret of an own application',
    handler: async (call) => renew(call, await named(call, ownerOf(call))),
  }),
]
