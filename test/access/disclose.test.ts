import { expect, test } from 'vitest'
import { disclose } from '../../src/access/disclose.ts'
import { accessDenied, refuseAccess, refuseAuthentication, refuseRef } from '../../src/access/refuse.ts'
import type { Principal } from '../../src/core/principal.ts'
import { userWith } from './case.ts'

const user: Principal = { kind: 'user', user: userWith() }
const anonymous: Principal = { kind: 'anonymous' }

test('a stranger cannot tell a project that is absent from one that is hidden', () => {
  const absent = refuseAccess('project_absent')
  const hidden = refuseAccess('project_invisible')
  expect(disclose(absent, user)).toEqual(disclose(hidden, user))
  expect(disclose(absent, anonymous)).toEqual(disclose(hidden, anonymous))
})

test('whatever is refused to nobody in particular is a challenge', () => {
  for (const reason of ['project_absent', 'download_denied', 'ability_missing_push', 'repository_absent'] as const) {
    expect(disclose(refuseAccess(reason), anonymous)).toEqual({ kind: 'challenge' })
  }
})

test('wrong, expired and revoked look alike', () => {
  const reasons = [
    'credential_unknown',
    'token_expired',
    'token_revoked',
    'impersonation_disabled',
    'user_cannot_log_in',
  ] as const
  for (const reason of reasons) expect(disclose(refuseAuthentication(reason), undefined)).toEqual({ kind: 'challenge' })
})

test('who shows a password where none is taken is not asked for another', () => {
  expect(disclose(refuseAuthentication('password_disabled'), undefined)).toEqual({ kind: 'unchallenged' })
  // Not told apart from a wrong password.
  expect(disclose(refuseAuthentication('two_factor_required'), undefined)).toEqual({ kind: 'challenge' })
})

test.each([
  { refusal: refuseAccess('project_absent'), kind: 'hidden' },
  { refusal: refuseAccess('download_denied'), kind: 'forbidden' },
  { refusal: refuseAccess('project_not_creatable', { message: 'Could not create project: x' }), kind: 'unprocessable' },
  { refusal: refuseAuthentication('password_checks_busy'), kind: 'busy' },
  { refusal: refuseRef('branch_push_denied', 'refs/heads/main'), kind: 'declined' },
])('a known user is told $kind', ({ refusal, kind }) => {
  expect(disclose(refusal, user).kind).toBe(kind)
})

test('an expired key is told so, though nobody was let in', () => {
  expect(disclose(refuseAccess('key_expired'), undefined)).toEqual({ kind: 'forbidden', message: 'Your SSH key has expired.' })
})

test('the sentence of the challenge names our own help page', () => {
  expect(accessDenied('https://git.test')).toMatch(/^HTTP Basic: Access denied\. .* See https:\/\/git\.test\/help\//)
})
