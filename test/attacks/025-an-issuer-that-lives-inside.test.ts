/**
 * The attack: a Maintainer trusts an "issuer" whose keys are at an address of our own network, of the machine itself or
 * of a cloud's metadata service, or one that sends us on to there, and has us call it.
 * What was believed: whoever names an address may have it called, since only keys are read there.
 * What holds: every address of the name is looked at before the one that was looked at is called; nothing is followed; only
 * https is spoken. What is told of it is the same for what is there and what is not.
 */

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NamespaceId, ProjectId } from '../../src/core/ids.ts'
import { TokenExchange } from '../../src/trust/exchange.ts'
import { IssuerKeys } from '../../src/trust/issuer-keys.ts'
import { fetchJson } from '../../src/trust/outbound.ts'
import { readOutsideToken } from '../../src/trust/outside-token.ts'
import { startTrustWorld, type TrustWorld } from '../http/api/trusts/trust-world.ts'

let world: TrustWorld
let calls = 0
let port = 0
const inside = createServer((socket) => {
  calls += 1
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"keys":[]}')
})

beforeAll(async () => {
  world = await startTrustWorld()
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
  port = (inside.address() as AddressInfo).port
})
afterAll(async () => {
  inside.close()
  await world?.close()
})

const places: readonly [string, () => string][] = [
  ['the machine itself', () => `https://127.0.0.1:${port}`],
  ['its name', () => `https://localhost:${port}`],
  ['its address as one number', () => `https://2130706433:${port}`],
  ['its address in octal', () => `https://0177.0.0.1:${port}`],
  ['its address in the other family', () => `https://[::ffff:127.0.0.1]:${port}`],
  ['any address of it', () => `https://0.0.0.0:${port}`],
  ['a cloud’s metadata', () => 'https://169.254.169.254'],
  ['a private network', () => 'https://10.0.0.1'],
]

/** As the program calls, where nothing was opened; names are answered by the machine. */
const refusedAt = async (id: number, issuer: string): Promise<unknown> => {
  const issuerKeys = new IssuerKeys((url) => fetchJson(url, { opened: [] }), world.now)
  const own = { issuer: () => 'https://git.example.org', keys: async () => ({ keys: [] }) }
  const exchange = new TokenExchange({ store: world.store, issuerKeys, own, clock: world.now })
  const token = readOutsideToken(await world.outsideToken({ iss: issuer }))
  if (typeof token === 'string') throw new Error(token)
  const home = { kind: 'project', id: world.shipId as ProjectId } as const
  const place = { home, fullPath: 'team/ship', namespaces: [world.group as NamespaceId] }
  const refused = await exchange.exchange({ token, place, given: { kind: 'registry' }, scopes: undefined })
  expect(refused).toMatchObject({ reason: 'keys_unreachable', trusts: [id] })
  return (await world.told(id)).refusals[0]?.details
}

test.each(places)('%s', async (_what, where) => {
  const issuer = where()
  const { id } = await world.trust({ name: issuer, issuer })
  expect(await refusedAt(id, issuer)).toEqual({ detail: 'the name leads to no address that may be called' })
  expect(calls).toBe(0)
})

test('keys that are inside, of an issuer that is outside', async () => {
  const issuer = 'https://accounts.example.com'
  const { id } = await world.trust({ name: 'keys', issuer, jwks_uri: `https://localhost:${port}/keys` })
  expect(await refusedAt(id, issuer)).toEqual({ detail: 'the name leads to no address that may be called' })
  expect(calls).toBe(0)
})

test('an address without TLS is not even taken down', async () => {
  const json = {
    name: 'x',
    issuer: 'http://ci.example.com',
    audience: 'a',
    claims: { sub: 'x' },
    access_level: 20,
    scopes: ['read_repository'],
  }
  const asked = { token: world.token('maintainer'), json }
  expect((await world.ask('POST', `/projects/${world.shipId}/sallyport/trusts`, asked)).status).toBe(400)
})
