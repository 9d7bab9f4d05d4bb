import { expect, test } from 'vitest'
import { authenticate, isAuthenticated } from '../../src/access/authenticate.ts'
import { Secret } from '../../src/core/secret.ts'
import { type AuthenticationCase, authenticationCases, here, lookups, now } from './authenticate.table.ts'

const names = {
  'job-token': 'CiJobToken',
  'user-key': 'Key',
  'deploy-key': 'DeployKey',
  'deploy-token': 'DeployToken',
  'oauth-token': 'OauthAccessToken',
  password: 'User',
  'trust-token': 'TrustGrant',
  'trust-certificate': 'TrustGrant',
} as Record<string, string>

const outcome = async (row: AuthenticationCase): Promise<string> => {
  const project = 'project' in row ? row.project : here
  const { impersonationEnabled = true, registryEnabled = false } = row
  const answer = await authenticate(row.shown, async () => project, lookups, { impersonationEnabled, registryEnabled, now })
  if (isAuthenticated(answer)) {
    const { principal, credential } = answer
    const who = principal.kind === 'user' ? `user ${principal.user.username}` : principal.kind
    return credential ? `${who} by ${credential.kind}` : who
  }
  const { credential } = answer
  return credential ? `${answer.reason} ${names[credential.kind] ?? 'PersonalAccessToken'}/${credential.id}` : answer.reason
}

test('the user of a job counts as no administrator', async () => {
  const shown = { kind: 'basic', login: 'gitlab-ci-token', secret: new Secret('glcbt-of-admin') } as const
  const rules = { impersonationEnabled: true, registryEnabled: false, now }
  const answer = await authenticate(shown, async () => here, lookups, rules)
  if (!isAuthenticated(answer) || answer.principal.kind !== 'job') throw new Error('not let in as a job')
  expect(answer.principal.user).toMatchObject({ username: 'ada', isAdmin: false })
})

test.each(authenticationCases)('$is → $gives', async (row) => {
  expect(await outcome(row)).toBe(row.gives)
})
