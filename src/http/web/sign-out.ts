import { endSession } from '../../store/web/sessions.ts'
import { addresses } from './addresses.ts'
import { goTo, type WebAnswer } from './answer.ts'
import { newVisitor } from './cookie.ts'
import { html } from './html.ts'
import { form } from './layout.ts'
import type { Page } from './page.ts'
import type { Visit } from './visit.ts'

/** An address that signs out would let any other site do it. */
const ask = async (visit: Visit): Promise<WebAnswer> => ({
  kind: 'page',
  status: 200,
  title: 'Sign out',
  body: form(visit, addresses.signOut, html`<button>Sign out</button>`),
})

const signOut = async (visit: Visit): Promise<WebAnswer> => {
  if (visit.session !== undefined) await endSession(visit.parts.store.write, visit.cookie)
  return goTo(addresses.signIn, newVisitor())
}

export const signOutPages: readonly Page[] = [
  { method: 'GET', path: addresses.signOut, who: 'anyone', handler: ask },
  { method: 'POST', path: addresses.signOut, who: 'anyone', handler: signOut },
  { method: 'DELETE', path: addresses.signOut, who: 'anyone', handler: signOut },
]
