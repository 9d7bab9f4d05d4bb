import type { CredentialKind } from '../core/credential.ts'
import { accessTokenScopes, deployTokenScopes, trustScopes } from '../core/scope.ts'

/** How a kind of credential is told over git's Basic header: which login it asks for. */
export type LoginRule = 'any' | 'own-username' | 'gitlab-ci-token' | 'account' | 'none'

export interface TokenKind {
  readonly kind: CredentialKind
  /** What a newly made secret starts with; undefined for keys and passwords, and for OAuth's bare hex. */
  readonly prefix: string | undefined
  readonly login: LoginRule
  /** Scopes that its owner may choose; empty where abilities come from elsewhere. */
  readonly scopes: readonly string[]
  /** Doors that take it; none so far for tokens of pipelines, feeds and mail. */
  readonly doors: readonly ('git-http' | 'git-ssh' | 'api' | 'registry')[]
}

const adminScopes = new Set(['sudo', 'admin_mode', 'read_service_ping'])

/** A user may have all but the administrators' own. Those of a feature that is off are left out by `isOfferedScope`. */
const userScopes = accessTokenScopes.filter((scope) => !adminScopes.has(scope))
const resourceScopes = userScopes.filter((scope) => scope !== 'read_user' && !scope.endsWith('_virtual_registry'))

/**
 * Every kind of credential, in the order in which a Basic pair is tried (gitlab `lib/gitlab/auth.rb`).
 * A new kind is one row here, one line in `access/authenticate.ts`, and its tests.
 */
const tokenKinds: readonly TokenKind[] = [
  { kind: 'job-token', prefix: 'glcbt-', login: 'gitlab-ci-token', scopes: [], doors: ['git-http', 'registry'] },
  { kind: 'oauth-token', prefix: undefined, login: 'any', scopes: accessTokenScopes, doors: ['git-http', 'api', 'registry'] },
  {
    kind: 'personal-access-token',
    prefix: 'glpat-',
    login: 'any',
    scopes: accessTokenScopes,
    doors: ['git-http', 'api', 'registry'],
  },
  {
    kind: 'impersonation-token',
    prefix: 'glpat-',
    login: 'any',
    scopes: accessTokenScopes,
    doors: ['git-http', 'api', 'registry'],
  },
  {
    kind: 'project-access-token',
    prefix: 'glpat-',
    login: 'any',
    scopes: resourceScopes,
    doors: ['git-http', 'api', 'registry'],
  },
  { kind: 'group-access-token', prefix: 'glpat-', login: 'any', scopes: resourceScopes, doors: ['git-http', 'api', 'registry'] },
  { kind: 'service-account-token', prefix: 'glpat-', login: 'any', scopes: userScopes, doors: ['git-http', 'api', 'registry'] },
  { kind: 'deploy-token', prefix: 'gldt-', login: 'own-username', scopes: deployTokenScopes, doors: ['git-http', 'registry'] },
  { kind: 'trigger-token', prefix: 'glptt-', login: 'none', scopes: [], doors: [] },
  { kind: 'feed-token', prefix: 'glft-', login: 'none', scopes: [], doors: [] },
  { kind: 'incoming-email-token', prefix: 'glimt-', login: 'none', scopes: [], doors: [] },
  {
    kind: 'trust-token',
    prefix: 'sptx-',
    login: 'any',
    scopes: trustScopes,
    doors: ['git-http', 'registry'],
  },
  { kind: 'password', prefix: undefined, login: 'account', scopes: [], doors: ['git-http', 'registry'] },
  { kind: 'user-key', prefix: undefined, login: 'none', scopes: [], doors: ['git-ssh'] },
  { kind: 'trust-certificate', prefix: undefined, login: 'none', scopes: trustScopes, doors: ['git-ssh'] },
  { kind: 'deploy-key', prefix: undefined, login: 'none', scopes: [], doors: ['git-ssh'] },
]

/** Scopes that a user may give a personal access token; administrators have three more. */
export const personalScopes = (isAdmin: boolean): readonly string[] => (isAdmin ? accessTokenScopes : userScopes)

export const resourceTokenScopes = resourceScopes

/** Prefixes of secrets that are no passwords, so that they are never tried (or counted) as one, and never logged. */
export const knownPrefixes = [
  ...new Set(tokenKinds.flatMap((row) => row.prefix ?? [])),
  'glrt-',
  'glrtr-',
  'gloas-',
  'glagent-',
  'glsoat-',
  'glffct-',
  'glwt-',
]

export const looksLikeToken = (text: string): boolean => knownPrefixes.some((prefix) => text.startsWith(prefix))
