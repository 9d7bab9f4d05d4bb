import { Secret } from '../../core/secret.ts'
import type { Writer } from '../../store/routes.ts'
import { userById } from '../../store/users.ts'
import { beginSession, endSessionsOf } from '../../store/web/sessions.ts'
import { recoveryCodesLeft, replaceRecoveryCodes, turnOffTwoFactor, turnOnTwoFactor } from '../../store/web/two-factor.ts'
import { makeRecoveryCodes } from '../../tokens/recovery-codes.ts'
import { makeSeed, stepOfCode } from '../../tokens/totp.ts'
import { aboutUser } from '../api/audit-words.ts'
import { addresses } from './addresses.ts'
import { goTo, type PageAnswer, type WebAnswer } from './answer.ts'
import type { Page } from './page.ts'
import { checkPassword } from './password-check.ts'
import { bannedPage, busyPage } from './problem.ts'
import { openOffer } from './seed-offer.ts'
import { codesPage, enrolPage, managePage, type PasswordField, type Problem } from './two-factor-pages.ts'
import { fieldOf, recordEvents, type SignedVisit } from './visit.ts'

const isOn = ({ session }: SignedVisit): boolean => session.account.two_factor_enabled === 1

const manage = async (visit: SignedVisit, problem?: Problem): Promise<PageAnswer> =>
  managePage(visit, await recoveryCodesLeft(visit.parts.store.read, visit.session.user.id), problem)

const show = async (visit: SignedVisit): Promise<WebAnswer> => (isOn(visit) ? manage(visit) : enrolPage(visit, makeSeed()))

/** A session may have been left open: what changes its user's keys asks for the password. The answer where it is not right. */
const refusePassword = async (
  visit: SignedVisit,
  name: PasswordField,
  again: (problem: Problem) => Promise<PageAnswer> | PageAnswer,
): Promise<WebAnswer | undefined> => {
  const { account } = visit.session
  const password = new Secret(fieldOf(visit.form, name)?.slice(0, 1024) ?? '')
  const { kind } = await checkPassword(visit, { login: account.username, password, account })
  if (kind === 'right') return undefined
  if (kind === 'busy') return busyPage(visit)
  return kind === 'banned' ? bannedPage(visit) : again({ in: name, text: 'The password is wrong.', reason: 'password_wrong' })
}

/** A change ends every session of the user; who made it goes on in a new one. Undefined where it was made already. */
const changing = (visit: SignedVisit, from: 0 | 1, change: (writer: Writer) => Promise<void>): Promise<Secret | undefined> =>
  visit.parts.store.write.transaction().execute(async (writer) => {
    const { id } = visit.session.user
    const account = await userById(writer, id)
    if (account?.two_factor_enabled !== from) return undefined
    await change(writer)
    await endSessionsOf(writer, id)
    return (await beginSession(writer, id, 'signed-in', visit.now)).secret
  })

const tell = (visit: SignedVisit, name: string, message: string): Promise<void> =>
  recordEvents(visit, visit.session.account, [{ ...aboutUser(visit.session.account), name, message }])

const wrongCode: Problem = { in: 'pin_code', text: 'The code is not the one of this key now.', reason: 'two_factor_code_wrong' }

const turnOn = async (visit: SignedVisit): Promise<WebAnswer> => {
  const { parts, session, now } = visit
  if (isOn(visit)) return goTo(addresses.twoFactor)
  const seed = openOffer(parts.sealer, session.user.id, fieldOf(visit.form, 'offer') ?? '')
  if (seed === undefined) return enrolPage(visit, makeSeed(), { ...wrongCode, in: 'form', text: 'Start again with this key.' })
  const step = stepOfCode(seed, fieldOf(visit.form, 'pin_code') ?? '', now)
  if (step === undefined) return enrolPage(visit, seed, wrongCode)
  const refused = await refusePassword(visit, 'current_password', (problem) => enrolPage(visit, seed, problem))
  if (refused !== undefined) return refused
  const codes = makeRecoveryCodes()
  const cookie = await changing(visit, 0, (writer) =>
    turnOnTwoFactor(writer, parts.sealer, session.user.id, { seed, step, codes }, now),
  )
  if (cookie === undefined) return goTo(addresses.twoFactor)
  await tell(visit, 'user_enable_two_factor', 'Enabled One-time password authenticator')
  return { ...codesPage({ ...visit, cookie }, codes, 'Two-factor authentication is on now'), cookie }
}

const turnOff = async (visit: SignedVisit): Promise<WebAnswer> => {
  const refused = await refusePassword(visit, 'password_to_turn_off', (problem) => manage(visit, problem))
  if (refused !== undefined) return refused
  const cookie = await changing(visit, 1, (writer) => turnOffTwoFactor(writer, visit.session.user.id, visit.now))
  if (cookie === undefined) return goTo(addresses.twoFactor)
  await tell(visit, 'user_disable_two_factor', 'Disabled One-time password authenticator')
  return goTo(addresses.twoFactor, cookie)
}

const renewCodes = async (visit: SignedVisit): Promise<WebAnswer> => {
  if (!isOn(visit)) return goTo(addresses.twoFactor)
  const refused = await refusePassword(visit, 'current_password', (problem) => manage(visit, problem))
  if (refused !== undefined) return refused
  const codes = makeRecoveryCodes()
  const cookie = await changing(visit, 1, (writer) => replaceRecoveryCodes(writer, visit.session.user.id, codes))
  if (cookie === undefined) return goTo(addresses.twoFactor)
  await tell(visit, 'two_factor_recovery_codes_renewed', 'Made new recovery codes')
  return { ...codesPage({ ...visit, cookie }, codes, 'New recovery codes'), cookie }
}

/** GitLab's page of the same address. */
export const twoFactorPages: readonly Page[] = [
  { method: 'GET', path: addresses.twoFactor, who: 'signed-in', handler: show },
  { method: 'POST', path: addresses.twoFactor, who: 'signed-in', handler: turnOn },
  { method: 'DELETE', path: addresses.twoFactor, who: 'signed-in', handler: turnOff },
  { method: 'POST', path: addresses.recoveryCodes, who: 'signed-in', handler: renewCodes },
]
