import { accountSentence } from '../../access/refuse.ts'
import { inactiveReason } from '../../access/rules/user-state.ts'
import { Secret } from '../../core/secret.ts'
import type { Writer } from '../../store/routes.ts'
import { toUser } from '../../store/user-row.ts'
import type { Account } from '../../store/users.ts'
import { accountByLogin, reactivate } from '../../store/web/accounts.ts'
import { beginSession, endSession } from '../../store/web/sessions.ts'
import type { MadeToken } from '../../tokens/make.ts'
import { aboutUser } from '../api/audit-words.ts'
import { baseUrl } from '../api/urls.ts'
import { AccountLock } from './account-lock.ts'
import { addresses, returnPath, signInPath } from './addresses.ts'
import { because, goTo, type PageAnswer, type WebAnswer } from './answer.ts'
import { leadsOutside } from './authorization.ts'
import { html } from './html.ts'
import { field, form, hidden, problems } from './layout.ts'
import type { Page } from './page.ts'
import { checkPassword } from './password-check.ts'
import { bannedPage, busyPage } from './problem.ts'
import { askForCode, takeCode } from './second-step.ts'
import { fieldOf, isSigned, recordEvents, type Visit } from './visit.ts'

/** GitLab's names of the fields. */
const names = { login: 'user[login]', password: 'user[password]', code: 'user[otp_attempt]', back: 'return_to' } as const

interface Problem {
  readonly text: string
  readonly reason: string
  readonly login: string
}

/** Where the visitor wanted to go. */
const backOf = (visit: Visit): string => returnPath(fieldOf(visit.form, names.back) ?? fieldOf(visit.query, names.back))

const askForPassword = async (visit: Visit, problem?: Problem): Promise<PageAnswer> => {
  const back = backOf(visit)
  const isWrong = problem?.reason === 'password_wrong'
  const content = html`${hidden(names.back, back)}
${field({
  name: names.login,
  label: 'Username or primary email',
  autocomplete: 'username',
  value: problem?.login,
  problem: isWrong ? 'Check the username or email.' : undefined,
  focused: true,
})}${field({
  name: names.password,
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  hint: 'After ten wrong tries an account rests for ten minutes.',
  problem: isWrong ? 'Check the password.' : undefined,
})}<button>Sign in</button>`
  return {
    kind: 'page',
    status: problem === undefined ? 200 : 422,
    title: 'Sign in',
    body: html`${problems(problem?.text)}${form(visit, addresses.signIn, content)}`,
    leadsTo: await leadsOutside(visit, back),
    ...(problem && { log: because(problem.reason) }),
  }
}

/** Whoever is signed in is asked again only where the page to come back to wants that. */
const show = async (visit: Visit): Promise<WebAnswer> => {
  const isAskedAgain = fieldOf(visit.query, 'again') === '1'
  if (isSigned(visit) && !isAskedAgain) return goTo(backOf(visit))
  return visit.session?.stage === 'second-step' ? askForCode(visit, visit.session, backOf(visit)) : askForPassword(visit)
}

/** The end of a sign-in: a new session under a new cookie, and none under the old one. */
const openSession = async (writer: Writer, visit: Visit, account: Account): Promise<MadeToken> => {
  await endSession(writer, visit.cookie)
  await reactivate(writer, account.id, visit.now)
  return beginSession(writer, account.id, 'signed-in', visit.now)
}

/** What everybody hears of a sign-in that went right. */
const welcome = async (visit: Visit, account: Account, how: 'password' | 'two_factor', cookie: Secret): Promise<WebAnswer> => {
  new AccountLock(visit.parts.tries).forget(account.id, visit.now)
  const back =
    account.state === 'deactivated' ? [{ ...aboutUser(account), name: 'user_activate', message: 'User is active now' }] : []
  const message = how === 'password' ? 'Signed in with a password' : 'Signed in with a password and a second factor'
  await recordEvents(visit, account, [...back, { ...aboutUser(account), name: `authenticated_with_${how}`, message }])
  return goTo(backOf(visit), cookie)
}

const finish = async (visit: Visit, account: Account): Promise<WebAnswer> => {
  const { secret } = await visit.parts.store.write.transaction().execute((writer) => openSession(writer, visit, account))
  return welcome(visit, account, 'password', secret)
}

/** The password was right: a code is still asked for, in a session that opens nothing. */
const askFurther = async (visit: Visit, account: Account): Promise<WebAnswer> => {
  const { secret } = await visit.parts.store.write.transaction().execute(async (writer) => {
    await endSession(writer, visit.cookie)
    return beginSession(writer, account.id, 'second-step', visit.now)
  })
  return goTo(signInPath(backOf(visit)), secret)
}

/** Why an account with a right password stays outside. Those who were deactivated come back this way. */
const refusedState = (visit: Visit, account: Account): Problem | undefined => {
  const reason = inactiveReason(toUser(account, visit.now))
  if (reason === undefined || reason === 'user_deactivated') return undefined
  const login = account.username
  if (reason !== 'user_password_expired') return { reason, text: accountSentence(reason, baseUrl(visit.parts.settings)), login }
  return { reason, text: 'Your password expired. Ask an administrator for a new one.', login }
}

const tryPassword = async (visit: Visit): Promise<WebAnswer> => {
  const login = fieldOf(visit.form, names.login)?.slice(0, 255) ?? ''
  const password = new Secret(fieldOf(visit.form, names.password)?.slice(0, 1024) ?? '')
  const account = await accountByLogin(visit.parts.store.read, login)
  const checked = await checkPassword(visit, { login, password, account })
  if (checked.kind === 'banned') return bannedPage(visit)
  if (checked.kind === 'busy') return busyPage(visit)
  if (checked.kind === 'wrong') {
    return askForPassword(visit, { text: 'Invalid login or password.', reason: 'password_wrong', login })
  }
  const refused = refusedState(visit, checked.account)
  if (refused !== undefined) return askForPassword(visit, refused)
  return checked.account.two_factor_enabled === 1 ? askFurther(visit, checked.account) : finish(visit, checked.account)
}

const signIn = async (visit: Visit): Promise<WebAnswer> => {
  const code = fieldOf(visit.form, names.code)
  if (code === undefined) return tryPassword(visit)
  if (visit.session?.stage !== 'second-step') return goTo(signInPath(backOf(visit)))
  const taken = await takeCode(visit, visit.session, code, backOf(visit), openSession)
  return taken.kind === 'right' ? welcome(visit, visit.session.account, 'two_factor', taken.cookie) : taken.answer
}

export const signInPages: readonly Page[] = [
  { method: 'GET', path: addresses.signIn, who: 'anyone', handler: show },
  { method: 'POST', path: addresses.signIn, who: 'anyone', handler: signIn },
]
