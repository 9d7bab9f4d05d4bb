import type { Application } from '../../oauth/application.ts'
import type { Answer } from '../api/answer.ts'
import type { OauthCall } from './call.ts'
import { authenticateClient } from './client.ts'
import { oauthError } from './errors.ts'
import { authorizationCode } from './grants/authorization-code.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { deviceCode } from './grants/device-code.ts'
import { passwordGrant } from './grants/password.ts'
import { refreshToken } from './grants/refresh-token.ts'
import { requiredText } from './parameters.ts'

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** Every way to tokens. */
const grants: ReadonlyMap<string, (call: OauthCall, application: Application) => Promise<Answer>> = new Map([
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['client_credentials', clientCredentials],
  ['password', passwordGrant],
  [deviceGrant, deviceCode],
])

/** `POST /oauth/token` */
export const token = async (call: OauthCall): Promise<Answer> => {
  const type = requiredText(call.parameters, 'grant_type')
  const grant = grants.get(type)
  if (grant === undefined) throw oauthError('unsupported_grant_type', { reason: 'grant_type_unknown' })
  return grant(call, await authenticateClient(call))
}
