import type { Call } from './call.ts'
import { ApiError } from './errors.ts'

/**
 * Throws 412 where the client deletes what it last saw before it changed: `If-Unmodified-Since` (gitlab
 * `lib/api/helpers.rb`, `check_unmodified_since!`). A header that is no time counts as none.
 * @param changedAt when the thing was last changed, as rows keep it
 */
export const refuseModified = ({ unmodifiedSince }: Call, changedAt: string): void => {
  if (unmodifiedSince === undefined || Date.parse(changedAt) <= unmodifiedSince) return
  const log = { 'meta.refusal_reason': 'modified_since' }
  throw new ApiError(412, { message: '412 Precondition Failed' }, { log })
}
