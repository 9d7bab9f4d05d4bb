import type { Secret } from '../../core/secret.ts'
import type { Writer } from '../../store/routes.ts'
import type { Account } from '../../store/users.ts'
import { countWrongCode, type WebSession } from '../../store/web/sessions.ts'
import { takeSecondFactor } from '../../store/web/two-factor.ts'
import type { MadeToken } from '../../tokens/make.ts'
import { aboutUser } from '../api/audit-words.ts'
import { AccountLock } from './account-lock.ts'
import { addresses, signInPath } from './addresses.ts'
import { because, goTo, type PageAnswer, type WebAnswer } from './answer.ts'
import { leadsOutside } from './authorization.ts'
import { html } from './html.ts'
import { field, form, hidden, problems } from './layout.ts'
import { countFailure, watchCode } from './password-check.ts'
import { bannedPage } from './problem.ts'
import { recordEvents, type Visit } from './visit.ts'

/** The page that asks for a code, after the password was right. */
export const askForCode = async (visit: Visit, session: WebSession, back: string, problem?: string): Promise<PageAnswer> => {
  const content = html`${hidden('return_to', back)}${field({
    name: 'user[otp_attempt]',
    label: 'Two-factor code',
    autocomplete: 'one-time-code',
    hint: 'The six digits that your authenticator shows, or one of your recovery codes.',
    problem,
    focused: true,
  })}<button>Verify code</button>`
  return {
    kind: 'page',
    status: problem === undefined ? 200 : 422,
    title: 'Two-factor authentication',
    body: html`${problems(problem)}<p>Signing in as <strong>${session.account.username}</strong>.</p>${form(visit, addresses.signIn, content)}${form(
      visit,
      addresses.signOut,
      html`<button class="second">Start again</button>`,
    )}`,
    leadsTo: await leadsOutside(visit, back),
    ...(problem !== undefined && { log: because('two_factor_code_wrong') }),
  }
}

type Taken = { readonly kind: 'right'; readonly cookie: Secret } | { readonly kind: 'no'; readonly answer: WebAnswer }

/** What ends the sign-in, in the same transaction that takes the code. */
type Open = (writer: Writer, visit: Visit, account: Account) => Promise<MadeToken>

const wrongCode = async (visit: Visit, session: WebSession, back: string): Promise<WebAnswer> => {
  countFailure(visit, session.account, 'code')
  if ((await countWrongCode(visit.parts.store, session)) === 'asked again') {
    return askForCode(visit, session, back, 'Invalid two-factor code.')
  }
  return { ...goTo(signInPath(back)), log: because('two_factor_code_wrong') }
}

/** Takes the code of somebody whose password was right. */
export const takeCode = async (visit: Visit, session: WebSession, code: string, back: string, open: Open): Promise<Taken> => {
  const { account } = session
  const { store, sealer, tries } = visit.parts
  const watched = watchCode(visit, account)
  if (watched.isBanned) return { kind: 'no', answer: bannedPage(visit) }
  if (new AccountLock(tries).isLocked(account.id, visit.now)) {
    return { kind: 'no', answer: await askForCode(visit, session, back, 'Too many wrong tries. Wait for ten minutes.') }
  }
  const taken = await store.write.transaction().execute(async (writer) => {
    const factor = await takeSecondFactor(writer, sealer, account.id, code.slice(0, 64), visit.now)
    return factor === 'wrong' ? undefined : { factor, made: await open(writer, visit, account) }
  })
  if (taken === undefined) {
    watched.fail()
    return { kind: 'no', answer: await wrongCode(visit, session, back) }
  }
  watched.succeed()
  if (taken.factor === 'recovery code') {
    await recordEvents(visit, account, [
      { ...aboutUser(account), name: 'two_factor_recovery_code_used', message: 'Signed in with a recovery code' },
    ])
  }
  return { kind: 'right', cookie: taken.made.secret }
}
