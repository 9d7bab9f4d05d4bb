import { Secret } from '../../core/secret.ts'
import { type AuthorizationRequest, codeLocation } from '../../oauth/authorization.ts'

/** Where a browser takes a new code: the one place in which it is shown. */
export const redirectWithCode = (
  request: Pick<AuthorizationRequest, 'redirectUri' | 'state'>,
  code: Secret,
  issuer: string,
): string => codeLocation(request, Secret.open(code), issuer)
