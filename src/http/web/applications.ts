import type { ApplicationId } from '../../core/ids.ts'
import { type Authorized, authorizedApplications, revokeAuthorization } from '../../store/oauth/authorizations.ts'
import { aboutUser } from '../api/audit-words.ts'
import { addresses, linkTo } from './addresses.ts'
import { goTo, type WebAnswer } from './answer.ts'
import { type Html, html } from './html.ts'
import { form } from './layout.ts'
import type { Page } from './page.ts'
import { scopeList } from './scope-list.ts'
import { shownName } from './shown-name.ts'
import { fieldOf, recordEvents, type SignedVisit, type Visit } from './visit.ts'

/** GitLab's address of one authorisation (doorkeeper `authorized_applications`). */
const one = '/oauth/authorized_applications'

const row = (visit: Visit, { application, scopes, since }: Authorized): Html => html`<div class="row">
<h3>${shownName(application)}</h3>
<p class="quiet">Authorized on <time datetime="${since}">${since.slice(0, 10)}</time></p>
${scopeList(scopes)}
${form(visit, `${one}/${application.id}`, html`<button class="second">Revoke ${shownName(application)}</button>`, 'DELETE')}
</div>`

const show = async (visit: SignedVisit): Promise<WebAnswer> => {
  const found = await authorizedApplications(visit.parts.store.read, visit.session.user.id)
  const isRevoked = fieldOf(visit.query, 'revoked') === '1'
  return {
    kind: 'page',
    status: 200,
    title: 'Authorized applications',
    body: html`${isRevoked && html`<p class="notice" role="status">The application was revoked. Its tokens work no longer.</p>`}
<p>These act in your name with tokens that you gave them. To let in a device that has shown you a code, <a href="${linkTo(visit.parts.settings, addresses.device)}">enter the code</a>.</p>
${found.length === 0 ? html`<p>There is none.</p>` : found.map((authorized) => row(visit, authorized))}`,
  }
}

const revoke = async (visit: SignedVisit): Promise<WebAnswer> => {
  const { session, parts, words, now } = visit
  const id = /^\d{1,15}$/.test(words['id'] ?? '') ? Number(words['id']) : 0
  const found = await authorizedApplications(parts.store.read, session.user.id)
  const held = found.find(({ application }) => application.id === id)
  await revokeAuthorization(parts.store, session.user.id, id as ApplicationId, now)
  if (held !== undefined) {
    await recordEvents(visit, session.account, [
      {
        ...aboutUser(session.account),
        name: 'user_revoked_oauth_application',
        target: { type: 'Authn::OauthApplication', id, details: held.application.name },
        message: 'User revoked the authorization of an OAuth application.',
      },
    ])
  }
  return goTo(`${addresses.applications}?revoked=1`)
}

export const applicationPages: readonly Page[] = [
  { method: 'GET', path: addresses.applications, who: 'signed-in', handler: show },
  { method: 'DELETE', path: `${one}/:id`, who: 'signed-in', handler: revoke },
]
