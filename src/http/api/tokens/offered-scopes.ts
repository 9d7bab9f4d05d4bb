import { isOfferedScope } from '../../../core/scope.ts'
import type { Call } from '../call.ts'
import { parameterError } from '../errors.ts'

/**
 * Throws GitLab's 400 for a scope of something that is switched off here: it is not among the values that the parameter
 * can have (gitlab `Gitlab::Auth.all_available_scopes`).
 */
export const requireOffered = (call: Call, scopes: readonly string[]): void => {
  const offer = { registryEnabled: call.parts.settings.registry !== undefined }
  if (!scopes.every((scope) => isOfferedScope(scope, offer))) throw parameterError('scopes does not have a valid value')
}
