import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Authenticated, CredentialKind } from '../../src/core/credential.ts'
import type { DeployTokenId, UserId } from '../../src/core/ids.ts'
import type { Principal, User } from '../../src/core/principal.ts'
import { fullAbilities } from '../../src/core/scope.ts'
import { holderOf } from '../../src/registry/holder.ts'
import { type RegistryKeys, registryKeyFrom } from '../../src/registry/keys.ts'
import { type RegistryToken, signRegistryToken } from '../../src/registry/sign.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const key = registryKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const keys: RegistryKeys = { current: async () => key }

const now = Date.parse('2026-05-01T12:00:00.400Z')
const seconds = Math.floor(now / 1_000)

const asked: RegistryToken = {
  issuer: 'https://git.example.org',
  subject: 'ada',
  authType: 'personal_access_token',
  holder: { username: 'ada', user_id: 5 },
  access: [{ type: 'repository', name: 'castle/app', actions: ['pull', 'push'] }],
  now,
  life: 300,
}

const signed = async (changed: Partial<RegistryToken> = {}) => {
  const token = await signRegistryToken(keys, { ...asked, ...changed })
  const header = decodeProtectedHeader(token)
  const certificate = new X509Certificate(Buffer.from(header.x5c?.[0] ?? '', 'base64'))
  const options = { issuer: asked.issuer, audience: 'container_registry', currentDate: new Date(now) }
  return { token, header, certificate, claims: (await jwtVerify(token, certificate.publicKey, options)).payload }
}

describe('a token', () => {
  test('says what a registry looks at, signed by the key of the certificate in its header', async () => {
    const { header, certificate, claims } = await signed()
    expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: key.id })
    expect(header.x5c).toHaveLength(1)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(claims).toMatchObject({
      sub: 'ada',
      aud: 'container_registry',
      auth_type: 'personal_access_token',
      access: asked.access,
    })
  })

  test('lives for five minutes, and began two minutes ago for clocks that are behind', async () => {
    const { claims } = await signed()
    expect([claims.iat, claims.nbf, claims.exp]).toEqual([seconds, seconds - 120, seconds + 300])
  })

  test('names its user once more in a token of its own, which no registry would take', async () => {
    const { claims, certificate } = await signed()
    const inner = await jwtVerify(String(claims['user']), certificate.publicKey, { currentDate: new Date(now) })
    expect(inner.payload['user_info']).toEqual({ token_type: 'personal_access_token', username: 'ada', user_id: 5 })
    expect(inner.payload.iss).toBeUndefined()
    expect(inner.payload.aud).toBeUndefined()
  })

  test('of nobody in particular has no subject', async () => {
    const { claims, certificate } = await signed({ subject: undefined, holder: undefined, authType: 'none' })
    expect(claims).not.toHaveProperty('sub')
    const inner = await jwtVerify(String(claims['user']), certificate.publicKey, { currentDate: new Date(now) })
    expect(inner.payload['user_info']).toBeNull()
  })

  test('is another one each time', async () => {
    expect((await signed()).claims.jti).not.toBe((await signed()).claims.jti)
  })
})

const user = { id: 5 as UserId, username: 'ada' } as User

describe('whom it names', () => {
  const person: Principal = { kind: 'user', user }
  const machine: Principal = {
    kind: 'deploy-token',
    id: 2 as DeployTokenId,
    username: 'deployer',
    home: { kind: 'group', id: 1 as never },
  }

  const rows: readonly (readonly [CredentialKind | undefined, Principal, string, unknown])[] = [
    ['personal-access-token', person, 'personal_access_token', { username: 'ada', user_id: 5 }],
    ['impersonation-token', person, 'personal_access_token', { username: 'ada', user_id: 5 }],
    ['project-access-token', person, 'personal_access_token', { username: 'ada', user_id: 5 }],
    ['group-access-token', person, 'personal_access_token', { username: 'ada', user_id: 5 }],
    ['service-account-token', person, 'personal_access_token', { username: 'ada', user_id: 5 }],
    ['oauth-token', person, 'oauth', { username: 'ada', user_id: 5 }],
    ['password', person, 'gitlab_or_ldap', { username: 'ada', user_id: 5 }],
    ['job-token', person, 'build', { username: 'ada', user_id: 5 }],
    ['deploy-token', machine, 'deploy_token', { username: 'deployer', deploy_token_id: 2 }],
    [undefined, { kind: 'anonymous' }, 'none', undefined],
  ]

  test.each(rows)('%s', (kind, principal, authType, holder) => {
    const who: Authenticated = { principal, credential: kind && { kind, id: 1 }, abilities: fullAbilities }
    const subject = principal.kind === 'user' ? 'ada' : undefined
    expect(holderOf(who)).toEqual({ subject, authType, holder })
  })
})
