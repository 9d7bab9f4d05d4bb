import { randomUUID } from 'node:crypto'
import type { Application } from '../../../oauth/application.ts'
import { pollSlack, slowerBy } from '../../../oauth/lives.ts'
import { scopesOf } from '../../../store/lookups.ts'
import { type DeviceRow, deviceBySecret, notePoll, useDevice } from '../../../store/oauth/devices.ts'
import { type IssuedTokens, insertTokens } from '../../../store/oauth/tokens.ts'
import type { Answer } from '../../api/answer.ts'
import type { ApiError } from '../../api/errors.ts'
import type { OauthCall } from '../call.ts'
import { invalidGrant, oauthError } from '../errors.ts'
import { granteeOf } from '../grantee.ts'
import { requiredSecret } from '../parameters.ts'
import { tokensAnswer } from '../tokens-answer.ts'

/** Notes the question; one that comes too soon makes the device wait longer from now on (RFC 8628, 3.5). */
const askedAgain = async ({ parts, now }: OauthCall, device: DeviceRow): Promise<ApiError> => {
  const since = device.polled_at === null ? Number.POSITIVE_INFINITY : now - Date.parse(device.polled_at)
  const tooSoon = since < device.poll_interval * 1000 - pollSlack
  const interval = device.poll_interval + (tooSoon ? slowerBy : 0)
  await parts.store.write.transaction().execute((transaction) => notePoll(transaction, device, interval, now))
  return tooSoon
    ? oauthError('slow_down', { reason: 'device_too_fast' })
    : oauthError('authorization_pending', { reason: 'device_waiting' })
}

const letIn = (call: OauthCall, device: DeviceRow): Promise<IssuedTokens | undefined> =>
  call.parts.store.write.transaction().execute(async (transaction) => {
    if (!(await useDevice(transaction, device))) return undefined
    const granted = {
      applicationId: device.application_id,
      userId: device.user_id ?? undefined,
      scopes: scopesOf(device.scopes),
      family: randomUUID(),
      authTime: device.answered_at === null ? undefined : Date.parse(device.answered_at),
      refreshable: true,
    }
    return insertTokens(transaction, granted, call.now)
  })

/** A device asks whether its user has let it in (RFC 8628, 3.4). */
export const deviceCode = async (call: OauthCall, application: Application): Promise<Answer> => {
  const device = await deviceBySecret(call.parts.store.read, requiredSecret(call.parameters, 'device_code'))
  if (device === undefined || device.application_id !== application.id) throw invalidGrant('device_code_unknown')
  if (device.state === 'denied') throw oauthError('access_denied', { reason: 'device_denied' })
  if (device.state === 'used') throw invalidGrant('device_code_used')
  if (Date.parse(device.expires_at) <= call.now) throw oauthError('expired_token', { reason: 'device_code_expired' })
  if (device.state === 'waiting') throw await askedAgain(call, device)
  const account = await granteeOf(call, device.user_id)
  const issued = await letIn(call, device)
  if (issued === undefined) throw invalidGrant('device_code_used')
  return tokensAnswer(call, issued, { application, account })
}
