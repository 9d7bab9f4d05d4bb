/** Scopes of access tokens (GitLab docs, "Personal access token scopes"). Those of an owner's kind: `tokens/kinds.ts`. */
export const accessTokenScopes = [
  'api',
  'read_api',
  'read_user',
  'read_repository',
  'write_repository',
  'read_registry',
  'write_registry',
  'read_virtual_registry',
  'write_virtual_registry',
  'create_runner',
  'manage_runner',
  'k8s_proxy',
  'ai_features',
  'self_rotate',
  'sudo',
  'admin_mode',
  'read_service_ping',
] as const
export type AccessTokenScope = (typeof accessTokenScopes)[number]

/** What an application may be told of who its user is (OpenID Connect). */
const openIdScopes: readonly string[] = ['openid', 'profile', 'email']

/** Scopes of deploy tokens (GitLab docs, "Deploy tokens"). None of them can push. */
export const deployTokenScopes = [
  'read_repository',
  'read_registry',
  'write_registry',
  'read_package_registry',
  'write_package_registry',
  'read_virtual_registry',
  'write_virtual_registry',
] as const
type DeployTokenScope = (typeof deployTokenScopes)[number]

/** Scopes that a trust can give. None is of the API, which answers to users: nobody from outside is one. */
export const trustScopes = ['read_repository', 'write_repository', 'read_registry', 'write_registry'] as const
export type TrustScope = (typeof trustScopes)[number]

/** What a credential carries over git and the registry, before anyone asks about roles. */
export type Ability =
  | 'read_project'
  | 'download_code'
  | 'push_code'
  | 'read_container_image'
  | 'create_container_image'
  | 'admin_container_image'

export type Abilities = ReadonlySet<Ability>

const readOnlyProject = ['read_project', 'download_code'] as const
const readOnly = [...readOnlyProject, 'read_container_image'] as const
const full = [...readOnly, 'push_code', 'create_container_image', 'admin_container_image'] as const

/** Scope → abilities (gitlab `lib/gitlab/auth.rb`, `abilities_for_scopes`). A scope that is not here gives none. */
const abilitiesOf: Readonly<Record<string, readonly Ability[]>> = {
  api: full,
  read_api: readOnly,
  read_repository: ['download_code'],
  write_repository: ['download_code', 'push_code'],
  read_registry: ['read_container_image'],
  write_registry: ['create_container_image'],
}

export const fullAbilities: Abilities = new Set(full)
export const readOnlyAbilities: Abilities = new Set(readOnlyProject)
export const readWriteAbilities: Abilities = new Set<Ability>([...readOnly, 'push_code', 'create_container_image'])

/** Several scopes are united; unknown ones contribute nothing. */
export const abilitiesForScopes = (scopes: readonly string[]): Abilities =>
  new Set(scopes.flatMap((scope) => (Object.hasOwn(abilitiesOf, scope) ? (abilitiesOf[scope] ?? []) : [])))

export const isAccessTokenScope = (scope: string): scope is AccessTokenScope =>
  (accessTokenScopes as readonly string[]).includes(scope)

/** A scope of a container registry of ours, or of a part that GitLab has and we do not. */
const isRegistryScope = (scope: string): boolean => scope === 'read_registry' || scope === 'write_registry'
const isOfMissingPart = (scope: string): boolean => scope.endsWith('_virtual_registry')

/**
 * Whether an access token can have a scope, and draw anything from it: scopes of what is switched off are not offered,
 * and count for nothing where a token has them from before (gitlab `lib/gitlab/auth.rb`, `all_available_scopes`).
 */
export const isOfferedScope = (scope: string, offer: { readonly registryEnabled: boolean }): boolean =>
  isAccessTokenScope(scope) && !isOfMissingPart(scope) && (offer.registryEnabled || !isRegistryScope(scope))

/** Scopes that an OAuth application may have (GitLab docs, "OAuth 2.0 identity provider"). Its tokens have no `self_rotate`. */
export const oauthScopes: readonly string[] = [...accessTokenScopes.filter((scope) => scope !== 'self_rotate'), ...openIdScopes]

/** The same of OAuth applications and their tokens. */
export const isOfferedOauthScope = (scope: string, offer: { readonly registryEnabled: boolean }): boolean =>
  openIdScopes.includes(scope) || (scope !== 'self_rotate' && isOfferedScope(scope, offer))

export const isDeployTokenScope = (scope: string): scope is DeployTokenScope =>
  (deployTokenScopes as readonly string[]).includes(scope)
