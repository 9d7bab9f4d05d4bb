import type { Caller } from './caller.ts'
import { ApiError, tooManyRequests } from './errors.ts'
import type { ApiParts } from './parts.ts'

type Parts = Pick<ApiParts, 'throttles'>

const refuseBeyond = async ({ throttles }: Parts, requester: Parameters<ApiParts['throttles']['take']>[1]): Promise<void> => {
  const throttled = await throttles.take('api', requester)
  if (throttled !== undefined) throw tooManyRequests(throttled)
}

/**
 * Counts a request by whose token it shows, else by its address, as it does where a credential is refused. Whoever acts
 * for another is counted himself. Throws 429.
 */
export const throttled = async (
  parts: Parts,
  address: string | undefined,
  authenticate: () => Promise<Caller>,
): Promise<Caller> => {
  const caller = await countingRefusals(parts, address, authenticate)
  if (caller.kind === 'anonymous') await refuseBeyond(parts, { kind: 'address', address })
  else await refuseBeyond(parts, { kind: 'user', id: ((caller.kind === 'user' && caller.actingFor) || caller.user).id })
  return caller
}

/** The same of a credential that is refused, while a good one is counted by nobody yet. */
export const countingRefusals = async <Answer>(
  parts: Parts,
  address: string | undefined,
  authenticate: () => Promise<Answer>,
): Promise<Answer> => {
  try {
    return await authenticate()
  } catch (fault) {
    if (fault instanceof ApiError) await refuseBeyond(parts, { kind: 'address', address })
    throw fault
  }
}
