import { expect, test } from 'vitest'
import { authenticate, isAuthenticated } from '../../src/access/authenticate.ts'
import { type AuthenticationCase, authenticationCases, here, lookups, now } from './authenticate.table.ts'

const names = { 'user-key': 'Key', 'deploy-key': 'DeployKey', 'deploy-token': 'DeployToken', password: 'User' } as Record<
  string,
  string
>

const outcome = async (row: AuthenticationCase): Promise<string> => {
  const project = 'project' in row ? row.project : here
  const { impersonationEnabled = true, registryEnabled = false } = row
  const answer = await authenticate(row.shown, project, lookups, { impersonationEnabled, registryEnabled, now })
  if (isAuthenticated(answer)) {
    const { principal, credential } = answer
    const who = principal.kind === 'user' ? `user ${principal.user.username}` : principal.kind
    return credential ? `${who} by ${credential.kind}` : who
  }
  const { credential } = answer
  return credential ? `${answer.reason} ${names[credential.kind] ?? 'PersonalAccessToken'}/${credential.id}` : answer.reason
}

test.each(authenticationCases)('$is → $gives', async (row) => {
  expect(await outcome(row)).toBe(row.gives)
})
