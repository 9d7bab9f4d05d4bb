import { generateKeyPairSync } from 'node:crypto'
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  importPKCS8,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SigningKeys } from '../../src/pipelines/signing-keys.ts'
import { today } from '../http/api/api-server.ts'
import { planned } from '../store/ci/planned.ts'
import { type HandedOut, type Scene, sha, startScene } from './handing-out.ts'

let scene: Scene

beforeAll(async () => {
  scene = await startScene()
})
afterAll(() => scene.world.close())

const options = planned('x').options
const withTokens = (idTokens: Record<string, string[]>, more: Partial<typeof options> = {}) =>
  planned('build', 0, { options: { ...options, ...more, idTokens } })

const keysAt = (path: string) => createRemoteJWKSet(new URL(`${scene.world.url}${path}`))

const verify = (token: string, audience: string, path = '/-/jwks') =>
  jwtVerify(token, keysAt(path), {
    issuer: 'https://git.example.org',
    audience,
    algorithms: ['RS256'],
    currentDate: new Date(today),
  })

const tokenIn = ({ value }: HandedOut, name: string): string => value(name) ?? ''

describe('a token of a job', () => {
  test('has the claims that GitLab makes, numbers as texts', async () => {
    const handed = await scene.handOut([withTokens({ VAULT: ['https://vault.example.org'] })])
    const { payload } = await verify(tokenIn(handed, 'VAULT'), 'https://vault.example.org')
    const seconds = today / 1000
    expect(payload).toEqual({
      iss: 'https://git.example.org',
      sub: 'project_path:team/app:ref_type:branch:ref:main',
      aud: 'https://vault.example.org',
      iat: seconds,
      nbf: seconds - 5,
      exp: seconds + 600,
      jti: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      project_id: String(scene.project),
      project_path: 'team/app',
      namespace_id: String(scene.world.group),
      namespace_path: 'team',
      job_project_id: String(scene.project),
      job_project_path: 'team/app',
      job_namespace_id: String(scene.world.group),
      job_namespace_path: 'team',
      user_id: String(scene.user),
      user_login: 'developer',
      user_email: 'developer@example.org',
      user_access_level: 'developer',
      pipeline_id: String(handed.payload.job_info.pipeline_id),
      pipeline_source: 'push',
      job_id: String(handed.payload.id),
      ref: 'main',
      ref_type: 'branch',
      ref_path: 'refs/heads/main',
      ref_protected: 'false',
      runner_id: expect.any(Number),
      runner_environment: 'self-hosted',
      sha,
      project_visibility: 'private',
      ci_config_ref_uri: 'git.example.org/team/app//.gitlab-ci.yml@refs/heads/main',
      ci_config_sha: sha,
    })
  })

  test('is a secret of the job, and of its log', async () => {
    const handed = await scene.handOut([withTokens({ VAULT: ['a'] })])
    expect(handed.variables.get('VAULT')).toMatchObject({ public: false, masked: true, raw: true, file: false })
    expect(handed.masks).toContain(tokenIn(handed, 'VAULT'))
  })

  test('says one audience as a text and several as a list, with references replaced', async () => {
    const handed = await scene.handOut([withTokens({ ONE: ['https://$CI_PROJECT_NAME.example'], TWO: ['a', 'b'] })])
    expect((await verify(tokenIn(handed, 'ONE'), 'https://app.example')).payload.aud).toBe('https://app.example')
    expect((await verify(tokenIn(handed, 'TWO'), 'b')).payload.aud).toEqual(['a', 'b'])
  })

  test('of a tag, on an environment, says so', async () => {
    const environment = { name: 'live/$CI_COMMIT_REF_NAME', url: undefined, action: 'stop' }
    const handed = await scene.handOut([withTokens({ T: ['a'] }, { environment })], { ref: 'v1', tag: true })
    expect((await verify(tokenIn(handed, 'T'), 'a')).payload).toMatchObject({
      sub: 'project_path:team/app:ref_type:tag:ref:v1',
      ref_type: 'tag',
      ref_path: 'refs/tags/v1',
      environment: 'live/v1',
      environment_protected: 'false',
      deployment_tier: 'production',
      environment_action: 'stop',
    })
  })

  test('is there only where it is asked for', async () => {
    const { payload } = await scene.handOut([planned('build')])
    expect(payload.variables.filter(({ value }) => value.startsWith('ey'))).toEqual([])
  })
})

describe('the published keys', () => {
  test.each(['/-/jwks', '/oauth/discovery/keys'])('%s is a set of public keys, which others may keep for a day', async (path) => {
    const response = await fetch(`${scene.world.url}${path}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('max-age=86400, public, must-revalidate, no-transform')
    const { keys } = (await response.json()) as { keys: Record<string, string>[] }
    expect(keys).toEqual([{ kty: 'RSA', kid: expect.any(String), n: expect.any(String), e: 'AQAB', use: 'sig', alg: 'RS256' }])
    const handed = await scene.handOut([withTokens({ T: ['a'] })])
    await verify(tokenIn(handed, 'T'), 'a', path)
    expect(decodeProtectedHeader(tokenIn(handed, 'T'))).toEqual({ alg: 'RS256', typ: 'JWT', kid: keys[0]?.['kid'] })
  })

  test.each(['POST', 'PUT', 'DELETE'])('nothing is there for %s', async (method) => {
    expect((await fetch(`${scene.world.url}/-/jwks`, { method })).status).toBe(404)
  })

  test('a token that another key signed is not believed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { kid } = decodeProtectedHeader(tokenIn(await scene.handOut([withTokens({ T: ['a'] })]), 'T'))
    const forged = await new SignJWT({ aud: 'a', iss: 'https://git.example.org' })
      .setProtectedHeader({ alg: 'RS256', kid: kid ?? '' })
      .sign(privateKey)
    await expect(verify(forged, 'a')).rejects.toThrow('signature verification failed')
  })
})

describe('signing keys', () => {
  const pem = (): string =>
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

  test('are all published, the first signs, and each is named by its thumbprint', async () => {
    const texts = [pem(), pem()]
    const keys = new SigningKeys(async () => texts)
    const all = await keys.all()
    expect(all).toHaveLength(2)
    expect((await keys.current()).published).toEqual(all[0]?.published)
    for (const [at, { published }] of all.entries()) {
      const jwk = await exportJWK(await importPKCS8(texts[at] ?? '', 'RS256', { extractable: true }))
      expect(published.kid).toBe(await calculateJwkThumbprint(jwk))
    }
  })

  test('that could not be loaded are asked for again', async () => {
    let times = 0
    const keys = new SigningKeys(async () => {
      times += 1
      if (times === 1) throw new Error('not yet')
      return [pem()]
    })
    await expect(keys.all()).rejects.toThrow('not yet')
    expect(await keys.all()).toHaveLength(1)
    await keys.all()
    expect(times).toBe(2)
  })

  test('are RSA keys', async () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await expect(new SigningKeys(async () => [key]).all()).rejects.toThrow('RSA')
  })
})
