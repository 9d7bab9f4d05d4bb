import type { Application } from '../../oauth/application.ts'
import {
  type AuthorizationRefusal,
  type AuthorizationRequest,
  codeLocation,
  refusalLocation,
  refuseRequest,
} from '../../oauth/authorization.ts'
import { hasAuthorized } from '../../store/oauth/authorizations.ts'
import { makeCode } from '../../store/oauth/codes.ts'
import { textOfCode } from '../../tokens/code-text.ts'
import { aboutUser } from '../api/audit-words.ts'
import { baseUrl } from '../api/urls.ts'
import { addresses, signInPath } from './addresses.ts'
import { because, goTo, type RedirectAnswer, type WebAnswer } from './answer.ts'
import { parameterNames, requestIn } from './authorization.ts'
import { type Html, html } from './html.ts'
import { form, hidden } from './layout.ts'
import type { Page } from './page.ts'
import { problemPage } from './problem.ts'
import { scopeList } from './scope-list.ts'
import { shownName } from './shown-name.ts'
import { fieldOf, isSigned, recordEvents, type SignedVisit, type Visit } from './visit.ts'

/** Back to the application, with the bad news. */
const tell = (visit: Visit, refusal: Extract<AuthorizationRefusal, { show: 'redirect' }>): RedirectAnswer => ({
  kind: 'redirect',
  to: { address: refusalLocation(refusal, baseUrl(visit.parts.settings)) },
  log: because(`oauth_${refusal.error}`),
})

const refuse = (visit: Visit, refusal: AuthorizationRefusal): WebAnswer =>
  refusal.show === 'redirect'
    ? tell(visit, refusal)
    : problemPage(visit, {
        status: refusal.error === 'invalid_client' ? 401 : 400,
        title: 'The application cannot be let in',
        text: refusal.description,
        reason: `oauth_${refusal.error}`,
      })

/** GitLab's event of a user who lets an application in (gitlab `Oauth::AuthorizationsController`). */
export const authorizedNote = (visit: SignedVisit, { id, name }: Application, scopes: readonly string[]) => ({
  ...aboutUser(visit.session.account),
  name: 'user_authorized_oauth_application',
  target: { type: 'Authn::OauthApplication', id, details: name },
  message: `User authorized an OAuth application for ${scopes.join(' ')}.`,
})

const grant = async (visit: SignedVisit, request: AuthorizationRequest): Promise<WebAnswer> => {
  const { application, redirectUri, scopes, challenge, nonce } = request
  const { session, parts, now } = visit
  const code = await makeCode(
    parts.store,
    {
      applicationId: application.id,
      userId: session.user.id,
      redirectUri,
      scopes,
      challenge,
      nonce,
      authTime: session.startedAt,
    },
    now,
  )
  await recordEvents(visit, session.account, [authorizedNote(visit, application, scopes)])
  const address = codeLocation(request, textOfCode(code), baseUrl(parts.settings))
  return { kind: 'redirect', to: { address }, log: { oauth_application: application.uid } }
}

/** Shown as what the browser will go to: the host, or the scheme of a program on the user's machine. */
const placeOf = (redirectUri: string): string => {
  const { host, protocol } = new URL(redirectUri)
  return protocol === 'http:' || protocol === 'https:' ? host : protocol
}

const carriedOn = (visit: Visit): Html =>
  html`${parameterNames.map((name) => {
    const value = fieldOf(visit.query, name)
    return value !== undefined && name !== 'prompt' && name !== 'max_age' && hidden(name, value)
  })}`

const ask = (visit: SignedVisit, { application, redirectUri, scopes }: AuthorizationRequest): WebAnswer => ({
  kind: 'page',
  status: 200,
  title: `Authorize ${shownName(application)}?`,
  body: html`<p><strong>${shownName(application)}</strong> asks to act as <strong>${visit.session.account.username}</strong>. It would be able to:</p>
${scopeList(scopes)}
<p class="quiet">You will be sent to <strong>${placeOf(redirectUri)}</strong>. Agree only if you started this there yourself.</p>
${form(visit, addresses.authorize, html`${carriedOn(visit)}<button>Authorize</button>`)}
${form(visit, addresses.authorize, html`${carriedOn(visit)}<button class="second">Deny</button>`, 'DELETE')}`,
  leadsTo: redirectUri,
})

/** The way through the sign-in page and back, with the wish for it taken out: it will have been fulfilled. */
const signInAnew = (visit: Visit): WebAnswer => {
  const query = new URLSearchParams(visit.query)
  query.delete('prompt')
  query.delete('max_age')
  const path = signInPath(`${addresses.authorize}?${query}`)
  return goTo(isSigned(visit) ? `${path}&again=1` : path)
}

const isTooLongAgo = ({ session, now }: SignedVisit, { maxAge }: AuthorizationRequest): boolean =>
  maxAge !== undefined && now - session.startedAt > maxAge * 1_000

/**
 * Whether nobody needs to be asked. A program that can keep no secret could be another one under its name, so its users
 * are asked each time (RFC 8252, 8.6).
 */
const isAgreed = async (visit: SignedVisit, { application, scopes, prompt }: AuthorizationRequest): Promise<boolean> => {
  if (prompt === 'consent') return false
  if (application.trusted) return true
  return application.confidential && hasAuthorized(visit.parts.store.read, visit.session.user.id, application.id, scopes)
}

const show = async (visit: Visit): Promise<WebAnswer> => {
  const request = await requestIn(visit, visit.query)
  if (request.kind === 'refusal') return refuse(visit, request)
  const { prompt } = request
  if (!isSigned(visit) || prompt === 'login' || isTooLongAgo(visit, request)) {
    return prompt === 'none' ? tell(visit, asked(request, 'login_required')) : signInAnew(visit)
  }
  if (await isAgreed(visit, request)) return grant(visit, request)
  return prompt === 'none' ? tell(visit, asked(request, 'consent_required')) : ask(visit, request)
}

const asked = (request: AuthorizationRequest, error: Parameters<typeof refuseRequest>[1]) => {
  const refusal = refuseRequest(request, error)
  if (refusal.show !== 'redirect') throw new Error('a request that was understood is refused on a page')
  return refusal
}

/** The form carries the whole request, which is read anew. */
const agree = async (visit: SignedVisit): Promise<WebAnswer> => {
  const request = await requestIn(visit, visit.form)
  return request.kind === 'refusal' ? refuse(visit, request) : grant(visit, request)
}

const deny = async (visit: SignedVisit): Promise<WebAnswer> => {
  const request = await requestIn(visit, visit.form)
  return request.kind === 'refusal' ? refuse(visit, request) : tell(visit, asked(request, 'access_denied'))
}

export const consentPages: readonly Page[] = [
  { method: 'GET', path: addresses.authorize, who: 'anyone', handler: show },
  { method: 'POST', path: addresses.authorize, who: 'signed-in', handler: agree },
  { method: 'DELETE', path: addresses.authorize, who: 'signed-in', handler: deny },
]
