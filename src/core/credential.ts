import type { Principal } from './principal.ts'
import type { Abilities } from './scope.ts'
import type { Secret } from './secret.ts'

/** Every kind of credential that a door may be shown; one row each in `tokens/kinds.ts`. */
export type CredentialKind =
  | 'job-token'
  | 'oauth-token'
  | 'personal-access-token'
  | 'impersonation-token'
  | 'project-access-token'
  | 'group-access-token'
  | 'service-account-token'
  | 'deploy-token'
  | 'trigger-token'
  | 'feed-token'
  | 'incoming-email-token'
  | 'password'
  | 'trust-token'
  | 'trust-certificate'
  | 'user-key'
  | 'deploy-key'

/** What a door was shown, parsed but not believed. Only a key that has signed becomes `signed-key`. */
export type Presented =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly login: string; readonly secret: Secret }
  | { readonly kind: 'bearer'; readonly secret: Secret }
  /** A header that is neither. It is refused like a wrong credential. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'signed-key'; readonly fingerprint: string }
  /** A certificate of our own authority, whose key has signed. */
  | { readonly kind: 'signed-certificate'; readonly certificate: SignedCertificate }

/** What of a certificate says which one it is. */
export interface SignedCertificate {
  /** Row id of what was granted. */
  readonly serial: number
  /** Of the key that is certified. */
  readonly fingerprint: string
}

/** Names a stored credential for the log and the audit (`PersonalAccessToken/9`), never its secret. */
export interface CredentialRef {
  readonly kind: CredentialKind
  /** Row id; for a password the user's. */
  readonly id: number
}

/** GitLab's class name of a credential, as `meta.auth_fail_token_id` shows it. */
const classNames: Record<CredentialKind, string> = {
  'job-token': 'CiJobToken',
  'oauth-token': 'OauthAccessToken',
  'personal-access-token': 'PersonalAccessToken',
  'impersonation-token': 'PersonalAccessToken',
  'project-access-token': 'PersonalAccessToken',
  'group-access-token': 'PersonalAccessToken',
  'service-account-token': 'PersonalAccessToken',
  'deploy-token': 'DeployToken',
  'trigger-token': 'Ci::Trigger',
  'feed-token': 'User',
  'incoming-email-token': 'User',
  password: 'User',
  'trust-token': 'TrustGrant',
  'trust-certificate': 'TrustGrant',
  'user-key': 'Key',
  'deploy-key': 'DeployKey',
}

export const credentialClass = ({ kind }: CredentialRef): string => classNames[kind]

export const credentialName = (ref: CredentialRef): string => `${credentialClass(ref)}/${ref.id}`

/** The outcome of authentication: who asks, by which credential (none for anonymous), carrying which abilities. */
export interface Authenticated {
  readonly principal: Principal
  readonly credential: CredentialRef | undefined
  readonly abilities: Abilities
  /** Of a token, as they are stored; for the log. */
  readonly scopes?: readonly string[]
  /** Milliseconds: when the credential ends by itself, where it does. A transfer that is under way then ends with it. */
  readonly endsAt?: number
  /** Of somebody unknown: the address or network that the request comes from. It decides nothing but whose turn it is. */
  readonly from?: string
}
