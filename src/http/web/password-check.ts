import { refuseAuthentication } from '../../access/refuse.ts'
import type { AuditNote } from '../../core/audit.ts'
import type { UserId } from '../../core/ids.ts'
import { fullAbilities } from '../../core/scope.ts'
import { Secret } from '../../core/secret.ts'
import { toUser } from '../../store/user-row.ts'
import type { Account } from '../../store/users.ts'
import { aboutUser } from '../api/audit-words.ts'
import { AccountLock } from './account-lock.ts'
import { noteEvents, type Visit } from './visit.ts'

/** The login that the ban looks past, over git. A person has none such. */
const jobLogin = 'gitlab-ci-token'

/** Whose password it was, where it was right. */
export type Checked =
  | { readonly kind: 'right'; readonly account: Account }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'banned' }

interface Tried {
  readonly login: string
  readonly password: Secret
  /** Whom the login names, if anybody. */
  readonly account: Account | undefined
}

/** What GitLab calls wrong tries (GitLab docs, "Audit event types"). */
export const failedSignIn = {
  password: 'login_failed_with_standard_authentication',
  code: 'login_failed_with_otp_authentication',
} as const

/** Counts a wrong try for the account, and tells the audit. */
export const countFailure = (visit: Visit, account: Account, how: keyof typeof failedSignIn): void => {
  const isLocked = new AccountLock(visit.parts.tries).fail(account.id, visit.now)
  const failed: AuditNote = { ...aboutUser(account), name: failedSignIn[how], message: `Sign-in failed: wrong ${how}` }
  const locked: AuditNote = { ...aboutUser(account), name: 'user_access_locked', message: 'Too many wrong sign-ins' }
  noteEvents(visit, account, isLocked ? [failed, locked] : [failed])
}

const watchOf = ({ parts, address, method, path }: Visit, login: string, secret: Secret) =>
  parts.ban.watch({
    presented: { kind: 'basic', login: login === jobLogin ? '' : login, secret },
    address,
    request: { method, path },
  })

/** A wrong code is a failure of its address too; where that is banned, nothing may be looked at. */
export const watchCode = (visit: Visit, account: Account): { readonly isBanned: boolean; fail(): void; succeed(): void } => {
  const watched = watchOf(visit, account.username, new Secret('a code'))
  return {
    isBanned: watched.isBanned,
    fail: () => watched.end(refuseAuthentication('password_wrong', { kind: 'password', id: account.id })),
    succeed: () => watched.end(knownAs(account, visit.now)),
  }
}

const knownAs = (account: Account, now: number) => ({
  principal: { kind: 'user', user: toUser(account, now) } as const,
  credential: { kind: 'password', id: account.id } as const,
  abilities: fullAbilities,
})

/** Nobody's number. What is counted for it bars nobody, and is the same work as for an account that is there. */
const noAccount = 0 as UserId

/**
 * Compares a password, in the line in which all of them wait. Wrong ones count against their address, as over git, and
 * against the account; while that is locked, no password is right. It takes as long where there is no such account.
 */
export const checkPassword = async (visit: Visit, { login, password, account }: Tried): Promise<Checked> => {
  const { passwords, tries } = visit.parts
  const watched = watchOf(visit, login, password)
  if (watched.isBanned) return { kind: 'banned' }
  const verdict = await passwords.verify(account?.password_hash ?? undefined, password, login.toLowerCase())
  if (verdict === 'busy') return { kind: 'busy' }
  const lock = new AccountLock(tries)
  const isLocked = lock.isLocked(account?.id ?? noAccount, visit.now)
  if (account !== undefined && verdict === 'right' && !isLocked && account.kind === 'human') return { kind: 'right', account }
  watched.end(refuseAuthentication('password_wrong'))
  if (isLocked) return { kind: 'wrong' }
  if (account === undefined) lock.fail(noAccount, visit.now)
  else countFailure(visit, account, 'password')
  return { kind: 'wrong' }
}
