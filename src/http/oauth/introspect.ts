import { inactiveReason } from '../../access/rules/user-state.ts'
import type { Application } from '../../oauth/application.ts'
import { scopesOf } from '../../store/lookups.ts'
import { isLive, type OauthTokenRow, oauthTokenByAccess, oauthTokenByRefresh } from '../../store/oauth/tokens.ts'
import { toUser } from '../../store/user-row.ts'
import { userById } from '../../store/users.ts'
import { type Answer, ok } from '../api/answer.ts'
import { baseUrl } from '../api/urls.ts'
import type { OauthCall } from './call.ts'
import { authenticateConfidential } from './client.ts'
import { requiredSecret } from './parameters.ts'

interface Found {
  readonly row: OauthTokenRow
  readonly kind: 'access' | 'refresh'
}

const findToken = async ({ parts, parameters }: OauthCall): Promise<Found | undefined> => {
  const secret = requiredSecret(parameters, 'token')
  const access = await oauthTokenByAccess(parts.store.read, secret)
  if (access !== undefined) return { row: access, kind: 'access' }
  const refresh = await oauthTokenByRefresh(parts.store.read, secret)
  return refresh && { row: refresh, kind: 'refresh' }
}

/** Whether somebody stands behind a token who may do something; one in nobody's name needs nobody. */
const isBacked = async ({ parts, now }: OauthCall, { user_id }: OauthTokenRow): Promise<boolean> => {
  if (user_id === null) return true
  const account = await userById(parts.store.read, user_id)
  return account !== undefined && inactiveReason(toUser(account, now)) === undefined
}

const isActive = async (call: OauthCall, { row, kind }: Found): Promise<boolean> =>
  (kind === 'access' ? isLive(row, call.now) : row.revoked_at === null) && (await isBacked(call, row))

const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000)

const shape = ({ parts }: OauthCall, { row, kind }: Found, application: Application) => ({
  active: true,
  scope: scopesOf(row.scopes).join(' '),
  client_id: application.uid,
  ...(kind === 'access' && { token_type: 'Bearer', exp: seconds(row.expires_at) }),
  iat: seconds(row.created_at),
  ...(row.user_id !== null && { sub: String(row.user_id) }),
  iss: baseUrl(parts.settings),
})

/** `POST /oauth/introspect` (RFC 7662): an application asks about a token of its own; of others' it learns nothing. */
export const introspect = async (call: OauthCall): Promise<Answer> => {
  const application = await authenticateConfidential(call)
  const found = await findToken(call)
  if (found === undefined || found.row.application_id !== application.id) return ok({ active: false })
  return ok((await isActive(call, found)) ? shape(call, found, application) : { active: false })
}
