import { refuseAuthentication } from '../../access/refuse.ts'
import { Secret } from '../../core/secret.ts'
import type { Application } from '../../oauth/application.ts'
import { type ApplicationRow, applicationByUid, toApplication } from '../../store/oauth/applications.ts'
import { hasDigest } from '../../tokens/digest.ts'
import type { ApiError } from '../api/errors.ts'
import type { OauthCall } from './call.ts'
import { oauthError } from './errors.ts'

/** What an application shows of itself (RFC 6749, 2.3.1). */
interface ShownClient {
  readonly uid: string
  readonly secret: Secret | undefined
}

const basicShape = /^Basic +([A-Za-z0-9+/]+=*) *$/i

/** A client's name and secret are encoded like a form before they are put together. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const refused = ({ headers }: OauthCall, reason: string): ApiError => {
  const challenge = headers.authorization === undefined ? {} : { 'WWW-Authenticate': 'Basic realm="GitLab"' }
  return oauthError('invalid_client', { reason, headers: challenge })
}

const fromBasic = (call: OauthCall, header: string): ShownClient => {
  const pair = Buffer.from(basicShape.exec(header)?.[1] ?? '', 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const [uid, secret] = [decoded(pair.slice(0, colon)), decoded(pair.slice(colon + 1))]
  if (colon < 1 || uid === undefined || secret === undefined) throw refused(call, 'client_unreadable')
  return { uid, secret: secret === '' ? undefined : new Secret(secret) }
}

/** One way at a time: whoever shows himself twice may be two. */
const shownClient = (call: OauthCall): ShownClient | undefined => {
  const { headers, parameters } = call
  const [uid, secret] = [parameters.get('client_id'), parameters.get('client_secret')]
  if (headers.authorization === undefined) {
    return uid === undefined ? undefined : { uid, secret: secret === undefined ? undefined : new Secret(secret) }
  }
  const shown = fromBasic(call, headers.authorization)
  if (secret === undefined && (uid === undefined || uid === shown.uid)) return shown
  throw oauthError('invalid_request', {
    description: 'The client is authenticated in more than one way.',
    reason: 'client_shown_twice',
  })
}

/** A public application may leave its secret out; a wrong one is wrong for it too (doorkeeper `by_uid_and_secret`). */
const isProven = (row: ApplicationRow, secret: Secret | undefined): boolean => {
  if (secret === undefined) return row.confidential === 0
  return row.secret_digest !== null && hasDigest(secret, row.secret_digest)
}

const bannedAddress = (): ApiError =>
  oauthError('access_denied', { status: 403, description: 'Forbidden', reason: 'address_banned' })

/**
 * Guesses count like those of passwords. What is right does not let an address begin anew, since secrets of public
 * applications are known to all.
 */
const proven = async (call: OauthCall, { uid, secret }: ShownClient): Promise<Application> => {
  const { ban, store } = call.parts
  const request = { method: call.method, path: call.path }
  const presented = { kind: 'basic', login: uid, secret: secret ?? new Secret('') } as const
  const watched = secret && ban.watch({ presented, address: call.address, request })
  if (watched?.isBanned) throw bannedAddress()
  const row = await applicationByUid(store.read, uid)
  if (row !== undefined && isProven(row, secret)) return toApplication(row)
  watched?.end(refuseAuthentication('credential_unknown'))
  throw refused(call, row === undefined ? 'client_unknown' : 'client_secret_wrong')
}

const noting = (call: OauthCall, application: Application): Application => {
  call.note({ oauth_application_id: application.id, oauth_application: application.name })
  return application
}

/** The application that asks, proven by its secret; a public one by its name alone. Throws `invalid_client`. */
export const authenticateClient = async (call: OauthCall): Promise<Application> => {
  const shown = shownClient(call)
  if (shown === undefined) throw refused(call, 'client_missing')
  return noting(call, await proven(call, shown))
}

/** The same of one that is known to keep a secret, and showed it. */
export const authenticateConfidential = async (call: OauthCall): Promise<Application> => {
  const application = await authenticateClient(call)
  if (!application.confidential) throw refused(call, 'client_public')
  return application
}

/** The application that asks, by its name where it shows no secret: for what gives nothing yet. */
export const identifyClient = async (call: OauthCall): Promise<Application> => {
  const shown = shownClient(call)
  if (shown === undefined) throw refused(call, 'client_missing')
  if (shown.secret !== undefined) return noting(call, await proven(call, shown))
  const row = await applicationByUid(call.parts.store.read, shown.uid)
  if (row === undefined) throw refused(call, 'client_unknown')
  return noting(call, toApplication(row))
}

export { bannedAddress }
