import type { RequestHandler } from 'express'
import { isOfferedOauthScope, oauthScopes } from '../../core/scope.ts'
import { challengeMethods } from '../../oauth/pkce.ts'
import { readSetting } from '../../store/settings.ts'
import { ok } from '../api/answer.ts'
import { send } from '../api/serve.ts'
import { baseUrl, webUrl } from '../api/urls.ts'
import type { OauthParts } from './call.ts'
import { claimNames } from './claims.ts'
import { deviceGrant } from './token.ts'

export const discoveryPaths = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const

const endpointsOf = (settings: OauthParts['settings']) => ({
  issuer: baseUrl(settings),
  authorization_endpoint: webUrl(settings, 'oauth/authorize'),
  token_endpoint: webUrl(settings, 'oauth/token'),
  revocation_endpoint: webUrl(settings, 'oauth/revoke'),
  introspection_endpoint: webUrl(settings, 'oauth/introspect'),
  device_authorization_endpoint: webUrl(settings, 'oauth/authorize_device'),
  userinfo_endpoint: webUrl(settings, 'oauth/userinfo'),
  jwks_uri: webUrl(settings, 'oauth/discovery/keys'),
})

const secretMethods = ['client_secret_basic', 'client_secret_post'] as const

/** What does not hang on settings. */
const abilities = {
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  token_endpoint_auth_methods_supported: [...secretMethods, 'none'],
  revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
  introspection_endpoint_auth_methods_supported: secretMethods,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  claim_types_supported: ['normal'],
  claims_supported: claimNames,
  code_challenge_methods_supported: challengeMethods,
  prompt_values_supported: ['none', 'login', 'consent'],
  authorization_response_iss_parameter_supported: true,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
}

/** What this server can (OpenID Connect Discovery, 3; RFC 8414, 2). Open to all. */
export const discovery =
  ({ settings, store }: Pick<OauthParts, 'settings' | 'store'>): RequestHandler =>
  async (_request, response) => {
    const offer = { registryEnabled: settings.registry !== undefined }
    const passwords = await readSetting(store.read, 'resource_owner_password_credentials_enabled')
    const document = {
      ...endpointsOf(settings),
      ...abilities,
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        deviceGrant,
        ...(passwords ? ['password'] : []),
      ],
      scopes_supported: oauthScopes.filter((scope) => isOfferedOauthScope(scope, offer)),
    }
    send(response, ok(document))
  }
