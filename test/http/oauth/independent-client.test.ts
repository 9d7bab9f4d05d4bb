import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { codeLocation, readAuthorizationRequest } from '../../../src/oauth/authorization.ts'
import { makeCode } from '../../../src/store/oauth/codes.ts'
import { loopback, OauthStage, redirectUri } from './stage.ts'

/** An OAuth client that knows nothing of this server but its address. */
let stage: OauthStage
let server: oauth.AuthorizationServer
const issuer = 'https://git.example.org'

/** The public address leads to the test's port. */
const reach = (url: string, { body, ...init }: oauth.CustomFetchOptions<string, unknown>): Promise<Response> =>
  fetch(url.replace(issuer, stage.api.url), body instanceof URLSearchParams ? { ...init, body } : init)
const options = { [oauth.customFetch]: reach }

beforeAll(async () => {
  stage = await OauthStage.open()
  // The client looks at the real clock.
  stage.api.moveClock(Date.now())
  const response = await oauth.discoveryRequest(new URL(issuer), options)
  server = await oauth.processDiscoveryResponse(new URL(issuer), response)
})
afterAll(() => stage?.close())

const clientOf = (name: string): { client: oauth.Client; proof: oauth.ClientAuth } => {
  const { application, secret } = stage.client(name)
  return {
    client: { client_id: application.uid },
    proof: application.confidential ? oauth.ClientSecretBasic(secret) : oauth.None(),
  }
}

/** What the browser does in between, once its user has signed in and agreed. */
const agree = async (name: string, query: Record<string, string>): Promise<URL> => {
  const { application } = stage.client(name)
  const request = readAuthorizationRequest({ response_type: 'code', ...query }, application)
  if (request.kind === 'refusal') throw new Error(request.description)
  const { scopes, challenge, nonce } = request
  const fields = { applicationId: application.id, userId: stage.ada, redirectUri: request.redirectUri }
  const code = await makeCode(stage.api.store, { ...fields, scopes, challenge, nonce, authTime: stage.now }, stage.now)
  return new URL(codeLocation(request, Secret.open(code), issuer))
}

const codeFlow = async (
  name: string,
  redirect: string,
  scope: string,
): Promise<{ tokens: oauth.TokenEndpointResponse; response: Response }> => {
  const { client, proof } = clientOf(name)
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()]
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier)
  const query = { redirect_uri: redirect, scope, state, nonce, code_challenge, code_challenge_method: 'S256' }
  const back = oauth.validateAuthResponse(server, client, await agree(name, query), state)
  const response = await oauth.authorizationCodeGrantRequest(server, client, proof, back, redirect, verifier, options)
  const expected = scope.includes('openid') ? { expectedNonce: nonce, requireIdToken: true } : {}
  return { response, tokens: await oauth.processAuthorizationCodeResponse(server, client, response, expected) }
}

describe('an independent client', () => {
  test('signs a user in, and checks the signature', async () => {
    const { client } = clientOf('web')
    const { tokens, response } = await codeFlow('web', redirectUri, 'openid email read_user')
    await oauth.validateApplicationLevelSignature(server, response, options)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    expect(claims).toMatchObject({ iss: issuer, sub: String(stage.ada), aud: client.client_id, nickname: 'ada' })
    expect(claims).toMatchObject({ email: 'ada@example.org', email_verified: true, groups_direct: [] })
    const told = await oauth.userInfoRequest(server, client, tokens.access_token, options)
    const user = await oauth.processUserInfoResponse(server, client, String(stage.ada), told)
    expect(user).toMatchObject({ preferred_username: 'ada', profile: `${issuer}/ada`, groups: [] })
  })

  test('refreshes, introspects and revokes', async () => {
    const { client, proof } = clientOf('web')
    const { tokens } = await codeFlow('web', redirectUri, 'read_user')
    const asked = await oauth.refreshTokenGrantRequest(server, client, proof, tokens.refresh_token ?? '', options)
    const fresh = await oauth.processRefreshTokenResponse(server, client, asked)
    expect(fresh.refresh_token).not.toBe(tokens.refresh_token)
    const look = async (token: string) =>
      oauth.processIntrospectionResponse(server, client, await oauth.introspectionRequest(server, client, proof, token, options))
    expect(await look(fresh.access_token)).toMatchObject({ active: true, scope: 'read_user', client_id: client.client_id })
    expect(await look(tokens.access_token)).toEqual({ active: false })
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, fresh.access_token, options))
    expect(await look(fresh.access_token)).toEqual({ active: false })
    expect(await look(fresh.refresh_token ?? '')).toEqual({ active: false })
  })

  test('is a tool without a secret, on a port of its own', async () => {
    const { tokens } = await codeFlow('tool', loopback, 'read_repository write_repository')
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 7200, scope: 'read_repository write_repository' })
  })

  test('is a device', async () => {
    const { client, proof } = clientOf('tool')
    const asked = await oauth.deviceAuthorizationRequest(server, client, proof, { scope: 'read_user' }, options)
    const device = await oauth.processDeviceAuthorizationResponse(server, client, asked)
    expect(device).toMatchObject({ verification_uri: `${issuer}/oauth/device`, expires_in: 300, interval: 5 })
    const poll = async () => {
      const response = await oauth.deviceCodeGrantRequest(server, client, proof, device.device_code, options)
      return oauth.processDeviceCodeResponse(server, client, response)
    }
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
    expect(await stage.answerDevice(device.user_code, 'granted')).toBe(true)
    expect(await poll()).toMatchObject({ scope: 'read_user' })
  })

  test('is a machine', async () => {
    const { client, proof } = clientOf('web')
    const response = await oauth.clientCredentialsGrantRequest(server, client, proof, { scope: 'read_user' }, options)
    const tokens = await oauth.processClientCredentialsResponse(server, client, response)
    expect(tokens.refresh_token).toBeUndefined()
  })

  test('knows an answer of another server by its name', async () => {
    const { client } = clientOf('web')
    const url = await agree('web', { redirect_uri: redirectUri, scope: 'api', state: 's' })
    url.searchParams.set('iss', 'https://evil.example')
    expect(() => oauth.validateAuthResponse(server, client, url, 's')).toThrow('iss')
  })
})
