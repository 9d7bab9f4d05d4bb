import type { Secret } from '../../core/secret.ts'
import { spelledCodes } from '../../tokens/recovery-codes.ts'
import { seedUri, spelledSeed } from '../../tokens/totp.ts'
import { publicHost } from '../api/urls.ts'
import { addresses } from './addresses.ts'
import { because, type PageAnswer } from './answer.ts'
import { type Html, html } from './html.ts'
import { field, form, hidden, link, problems } from './layout.ts'
import { qrImage } from './qr/image.ts'
import { sealOffer } from './seed-offer.ts'
import type { SignedVisit } from './visit.ts'

/** Names of the fields in which a change asks for the password. */
export type PasswordField = 'current_password' | 'password_to_turn_off'

export interface Problem {
  /** The field, or the form as a whole. */
  readonly in: 'pin_code' | PasswordField | 'form'
  readonly text: string
  readonly reason: string
}

const password = (problem: Problem | undefined, name: PasswordField = 'current_password'): Html =>
  field({
    name,
    label: 'Current password',
    type: 'password',
    autocomplete: 'current-password',
    problem: problem?.in === name ? problem.text : undefined,
  })

const page = (title: string, body: Html, problem: Problem | undefined): PageAnswer => ({
  kind: 'page',
  status: problem === undefined ? 200 : 422,
  title,
  body: html`${problems(problem?.text)}${body}`,
  ...(problem && { log: because(problem.reason) }),
})

/** Where nothing is set up: a seed to be taken up by an authenticator, and the proof that it was. */
export const enrolPage = (visit: SignedVisit, seed: Secret, problem?: Problem): PageAnswer => {
  const { session, parts } = visit
  const uri = seedUri(seed, publicHost(parts.settings), session.account.username)
  const content = html`${hidden('offer', sealOffer(parts.sealer, session.user.id, seed))}${field({
    name: 'pin_code',
    label: 'Code that the authenticator shows now',
    autocomplete: 'one-time-code',
    inputMode: 'numeric',
    problem: problem?.in === 'pin_code' ? problem.text : undefined,
  })}${password(problem)}<button>Turn on two-factor authentication</button>`
  const body = html`<p>With it, signing in asks for a code of an authenticator besides your password, and git over HTTP takes tokens alone.</p>
<h2>1. Add the key to your authenticator</h2>
${qrImage(uri, 'The key as a QR code')}
<p>Key: <code id="seed">${spelledSeed(seed)}</code></p>
<p><a href="${uri}">Open it in an authenticator on this device</a>, scan it, or type it: time-based, six digits, 30 seconds.</p>
<h2>2. Show that it works</h2>
${form(visit, addresses.twoFactor, content)}`
  return page('Turn on two-factor authentication', body, problem)
}

/** Where it is on. */
export const managePage = (visit: SignedVisit, left: number, problem?: Problem): PageAnswer =>
  page(
    'Two-factor authentication is on',
    html`<p>${left} recovery codes are left.</p>
<h2>New recovery codes</h2>
<p>They take the place of all that you have.</p>
${form(visit, addresses.recoveryCodes, html`${password(problem)}<button>Make new codes</button>`)}
<h2>Turn it off</h2>
<p>Your password alone signs you in again, and works for git.</p>
${form(visit, addresses.twoFactor, html`${password(problem, 'password_to_turn_off')}<button class="second">Turn off two-factor authentication</button>`, 'DELETE')}`,
    problem,
  )

/** The one time that codes are shown. */
export const codesPage = (visit: SignedVisit, codes: readonly Secret[], title: string): PageAnswer =>
  page(
    title,
    html`<p class="notice" role="status">Keep these recovery codes where you find them without your authenticator. Each signs you in once. They are not shown again.</p>
<ul class="codes">${spelledCodes(codes).map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p>${link(visit, addresses.twoFactor, 'I have kept them')}</p>`,
    undefined,
  )
