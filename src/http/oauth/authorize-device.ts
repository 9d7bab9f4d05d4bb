import { Secret } from '../../core/secret.ts'
import { deviceLife, pollInterval } from '../../oauth/lives.ts'
import { makeDevice } from '../../store/oauth/devices.ts'
import { type Answer, ok } from '../api/answer.ts'
import { webUrl } from '../api/urls.ts'
import type { OauthCall } from './call.ts'
import { identifyClient } from './client.ts'
import { askedScopes } from './grants/asked-scopes.ts'

/** `POST /oauth/authorize_device` (RFC 8628, 3.2): a device without a browser asks to be let in from another. */
export const authorizeDevice = async (call: OauthCall): Promise<Answer> => {
  const application = await identifyClient(call)
  const scopes = askedScopes(call, application)
  const { deviceCode, userCode } = await makeDevice(call.parts.store, { applicationId: application.id, scopes }, call.now)
  const uri = webUrl(call.parts.settings, 'oauth/device')
  return ok({
    device_code: Secret.open(deviceCode),
    user_code: userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${userCode}`,
    expires_in: deviceLife / 1000,
    interval: pollInterval,
  })
}
