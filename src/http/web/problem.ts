import { addresses } from './addresses.ts'
import { because, type PageAnswer } from './answer.ts'
import { html } from './html.ts'
import { link } from './layout.ts'
import type { Visit } from './visit.ts'

interface Problem {
  readonly status: number
  readonly title: string
  readonly text: string
  /** For the log. */
  readonly reason: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A page that says no, or that something is not there. */
export const problemPage = (visit: Visit, { status, title, text, reason, headers }: Problem): PageAnswer => ({
  kind: 'page',
  status,
  title,
  body: html`<p role="alert">${text}</p><p>${link(visit, addresses.applications, 'Go to the start')}</p>`,
  log: because(reason),
  ...(headers && { headers }),
})

export const bannedPage = (visit: Visit): PageAnswer =>
  problemPage(visit, {
    status: 403,
    title: 'Forbidden',
    text: 'Too many wrong credentials came from your network address. Try again later.',
    reason: 'address_banned',
  })

export const busyPage = (visit: Visit): PageAnswer =>
  problemPage(visit, {
    status: 429,
    title: 'Too busy',
    text: 'Too many passwords are being checked now. Try again in some seconds.',
    reason: 'password_checks_busy',
    headers: { 'Retry-After': '5' },
  })
