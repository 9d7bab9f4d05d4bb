import type { Authenticated, CredentialKind } from '../core/credential.ts'
import { userBehind } from '../core/principal.ts'
import type { RegistryToken } from './sign.ts'

const personal = 'personal_access_token'

/** GitLab's words for how somebody came in (`Gitlab::Auth::Result`, `type`); others never come to a registry. */
const authTypes: Readonly<Partial<Record<CredentialKind, string>>> = {
  'job-token': 'build',
  'oauth-token': 'oauth',
  'personal-access-token': personal,
  'impersonation-token': personal,
  'project-access-token': personal,
  'group-access-token': personal,
  'service-account-token': personal,
  'deploy-token': 'deploy_token',
  // GitLab knows no such.
  'trust-token': 'trust',
  password: 'gitlab_or_ldap',
}

/** Whom a token names, by whoever was recognised. */
export const holderOf = ({ principal, credential }: Authenticated): Pick<RegistryToken, 'subject' | 'authType' | 'holder'> => {
  const authType = (credential && authTypes[credential.kind]) ?? 'none'
  const user = userBehind(principal)
  if (user !== undefined) {
    return { subject: user.username, authType, holder: { username: user.username, user_id: user.id } }
  }
  if (principal.kind !== 'deploy-token') return { subject: undefined, authType, holder: undefined }
  return { subject: undefined, authType, holder: { username: principal.username, deploy_token_id: principal.id } }
}
