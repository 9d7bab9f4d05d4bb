import { Secret } from '../../core/secret.ts'
import { deviceLife, pollInterval } from '../../oauth/lives.ts'
import { makeDevice } from '../../store/oauth/devices.ts'
import { type Answer, ok } from '../api/answer.ts'
import type { ApiError } from '../api/errors.ts'
import { webUrl } from '../api/urls.ts'
import type { OauthCall } from './call.ts'
import { identifyClient } from './client.ts'
import { oauthError } from './errors.ts'
import { askedScopes } from './grants/asked-scopes.ts'

const tooMany = (): ApiError =>
  oauthError('invalid_request', {
    status: 429,
    description: 'Too many devices ask from this address. Try again in a minute.',
    headers: { 'Retry-After': '60' },
    reason: 'request_throttled',
  })

/** `POST /oauth/authorize_device` (RFC 8628, 3.2): a device without a browser asks to be let in from another. */
export const authorizeDevice = async (call: OauthCall): Promise<Answer> => {
  const application = await identifyClient(call)
  const scopes = askedScopes(call, application)
  if (call.parts.throttles.isDeviceTooMuch(call.address)) throw tooMany()
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
