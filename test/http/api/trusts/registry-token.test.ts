import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registryKeyFrom } from '../../../../src/registry/keys.ts'
import { startTrustWorld, type TrustWorld } from './trust-world.ts'

let world: TrustWorld
beforeAll(async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = registryKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  world = await startTrustWorld({ SALLYPORT_REGISTRY: '127.0.0.1:5000' }, { registryKeys: { current: async () => key } })
  await world.trust({ scopes: ['read_registry', 'write_registry', 'read_repository'], refs: [] })
  await world.trust({ name: 'code', scopes: ['read_repository'], refs: [], claims: { repository: 'octo/code' } })
})
afterAll(() => world?.close())

const requested_token_type = 'urn:sallyport:params:oauth:token-type:registry-token'

const exchange = async (fields: Record<string, string> = {}, claims = {}) =>
  world.exchange({ subject_token: await world.outsideToken(claims), requested_token_type, ...fields })

test('a registry token is for the images of the project', async () => {
  const { status, body } = await exchange()
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.any(String),
      issued_token_type: requested_token_type,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'read_registry write_registry',
    },
  ])
  const claims = decodeJwt<{ access: unknown }>(body.access_token)
  expect(claims.access).toMatchObject([{ type: 'repository', name: 'team/ship', actions: ['pull', 'push'] }])
  expect(claims.exp).toBe(Math.floor(world.now() / 1000) + 300)
})

test('for one of them, and for less', async () => {
  const { body } = await exchange({ repository: 'team/ship/tools', scope: 'read_registry' })
  expect(decodeJwt<{ access: unknown }>(body.access_token).access).toMatchObject([{ name: 'team/ship/tools', actions: ['pull'] }])
})

test('for no project elsewhere, and for nobody with scopes of code alone', async () => {
  await world.project('elsewhere', { visibility: 'private' })
  expect(await exchange({ repository: 'team/elsewhere' })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
  expect(await exchange({}, { repository: 'octo/code' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
})

test('the token for git opens the registry’s door as well', async () => {
  const { body } = await world.exchange({ subject_token: await world.outsideToken() })
  const response = await fetch(`${world.url}/jwt/auth?service=container_registry&scope=repository:team/ship:pull,push,delete`, {
    headers: { Authorization: `Basic ${Buffer.from(`ci:${body.access_token}`).toString('base64')}` },
  })
  expect(response.status).toBe(200)
  const { token } = (await response.json()) as { token: string }
  expect(decodeJwt<{ access: unknown }>(token).access).toMatchObject([{ name: 'team/ship', actions: ['pull', 'push'] }])
})
