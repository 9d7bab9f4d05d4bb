import { type Call, type Route, route } from '../call.ts'
import { requireAdmin } from '../caller.ts'
import { newApplication } from './application-input.ts'
import { listed, make, named, remove, renew } from './application-life.ts'
import { applicationEntity, newApplicationEntity } from './application-shape.ts'

/** Of the instance: owned by nobody. */
const instance = undefined

const asAdmin =
  <Result>(handler: (call: Call) => Promise<Result>) =>
  async (call: Call): Promise<Result> => {
    requireAdmin(call.caller)
    return handler(call)
  }

/** gitlab `lib/api/applications.rb`. */
export const applicationRoutes: readonly Route[] = [
  route('GET', '/applications', { output: applicationEntity, paged: true, handler: asAdmin((call) => listed(call, instance)) }),
  route('POST', '/applications', {
    input: [newApplication],
    output: newApplicationEntity,
    handler: asAdmin((call) => make(call, instance)),
  }),
  route('DELETE', '/applications/:id', { handler: asAdmin(async (call) => remove(call, await named(call, instance))) }),
  route('POST', '/applications/:id/renew-secret', {
    output: newApplicationEntity,
    status: 200,
    summary: 'Renew the secret of an application',
    handler: asAdmin(async (call) => renew(call, await named(call, instance))),
  }),
]
