import { Secret } from '../../core/secret.ts'
import { changePassword } from '../../store/web/accounts.ts'
import { beginSession } from '../../store/web/sessions.ts'
import { aboutUser } from '../api/audit-words.ts'
import { fieldProblems } from '../api/users/user-input.ts'
import { addresses } from './addresses.ts'
import { because, type PageAnswer, type WebAnswer } from './answer.ts'
import { html } from './html.ts'
import { field, form, problems } from './layout.ts'
import type { Page } from './page.ts'
import { checkPassword } from './password-check.ts'
import { bannedPage, busyPage } from './problem.ts'
import { fieldOf, recordEvents, type SignedVisit } from './visit.ts'

/** GitLab's names of the fields. */
const names = {
  current: 'user[password]',
  fresh: 'user[new_password]',
  again: 'user[password_confirmation]',
} as const

interface Problem {
  readonly in: keyof typeof names
  readonly text: string
  readonly reason: string
}

const labels = { current: 'Current password', fresh: 'New password', again: 'New password, once more' } as const

const ask = (visit: SignedVisit, problem?: Problem): PageAnswer => {
  const fields = (['current', 'fresh', 'again'] as const).map((which) =>
    field({
      name: names[which],
      label: labels[which],
      type: 'password',
      autocomplete: which === 'current' ? 'current-password' : 'new-password',
      problem: problem?.in === which ? problem.text : undefined,
      ...(which === 'fresh' && { hint: '8 to 128 characters.' }),
    }),
  )
  return {
    kind: 'page',
    status: problem === undefined ? 200 : 422,
    title: 'Change your password',
    body: html`${problems(problem?.text)}<p>It ends every other session. Tokens and keys go on.</p>${form(visit, addresses.password, html`${fields}<button>Change password</button>`)}`,
    ...(problem && { log: because(problem.reason) }),
  }
}

/** What is wrong with the new password by itself. */
const problemOf = (fresh: string, again: string): Problem | undefined => {
  const [wrong] = fieldProblems({ password: fresh })['password'] ?? []
  if (wrong !== undefined) return { in: 'fresh', text: `The new password ${wrong}.`, reason: 'password_unfit' }
  return fresh === again ? undefined : { in: 'again', text: 'The two new passwords differ.', reason: 'password_unfit' }
}

/** The old password ends, and with it every session; who changed it goes on in a new one. */
const exchange = (visit: SignedVisit, hash: string): Promise<Secret> =>
  visit.parts.store.write.transaction().execute(async (writer) => {
    const { id } = visit.session.user
    await changePassword(writer, id, hash, visit.now)
    return (await beginSession(writer, id, 'signed-in', visit.now)).secret
  })

const change = async (visit: SignedVisit): Promise<WebAnswer> => {
  const { account } = visit.session
  const typed = (which: keyof typeof names): string => fieldOf(visit.form, names[which])?.slice(0, 1024) ?? ''
  const problem = problemOf(typed('fresh'), typed('again'))
  if (problem !== undefined) return ask(visit, problem)
  const checked = await checkPassword(visit, { login: account.username, password: new Secret(typed('current')), account })
  if (checked.kind === 'banned') return bannedPage(visit)
  if (checked.kind === 'wrong') return ask(visit, { in: 'current', text: 'The password is wrong.', reason: 'password_wrong' })
  const hash = checked.kind === 'busy' ? 'busy' : await visit.parts.passwords.hash(new Secret(typed('fresh')))
  if (hash === 'busy') return busyPage(visit)
  const cookie = await exchange(visit, hash)
  await recordEvents(visit, account, [{ ...aboutUser(account), name: 'user_password_updated', message: 'Changed password' }])
  return {
    kind: 'page',
    status: 200,
    title: 'Your password is changed',
    body: html`<p role="status">It holds from now on, for signing in and for git. Every other session is over.</p>`,
    cookie,
  }
}

export const passwordPages: readonly Page[] = [
  { method: 'GET', path: addresses.passwordForm, who: 'signed-in', handler: async (visit) => ask(visit) },
  { method: 'POST', path: addresses.password, who: 'signed-in', handler: change },
]
