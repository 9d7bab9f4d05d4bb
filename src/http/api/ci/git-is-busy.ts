import { serverIsBusy } from '../../../git/engine.ts'
import { ApiError } from '../errors.ts'

/** For what can be asked again soon. */
export const gitIsBusy = (): ApiError =>
  new ApiError(503, { message: serverIsBusy }, { headers: { 'Retry-After': '5' }, log: { 'meta.refusal_reason': 'git_busy' } })
