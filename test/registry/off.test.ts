import { afterEach, expect, test } from 'vitest'
import type { Authenticated } from '../../src/core/credential.ts'
import type { DeployTokenId, NamespaceId } from '../../src/core/ids.ts'
import { fullAbilities } from '../../src/core/scope.ts'
import { type ApiServer, startApi } from '../http/api/api-server.ts'

const home = { kind: 'group', id: 1 as NamespaceId } as const
const machine: Authenticated = {
  principal: { kind: 'deploy-token', id: 2 as DeployTokenId, username: 'deployer', home },
  credential: { kind: 'deploy-token', id: 2 },
  abilities: fullAbilities,
}

/** No key can be had, and everybody is a deploy token. */
const changed = {
  registryKeys: { current: () => Promise.reject(new Error('no key')) },
  gate: { identify: async () => machine },
}

let api: ApiServer
afterEach(() => api?.close())

const ask = (query: string) => fetch(`${api.url}/jwt/auth${query}`)

test('a server without a registry says so, once it knows for which service', async () => {
  api = await startApi({}, changed)
  const response = await ask('?service=container_registry&scope=repository:castle/app:pull')
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({ errors: [{ code: 'UNAVAILABLE', message: 'registry not enabled' }], http_status: 404 })
  for (const query of ['?service=other', '', '?service=container_registry&service=other']) {
    const other = await ask(query)
    expect([query, other.status, await other.text()]).toEqual([query, 404, ''])
  }
})

test('a key that cannot be had is a fault, which is in the log', async () => {
  api = await startApi({ SALLYPORT_REGISTRY: '127.0.0.1:5050' }, changed)
  const response = await ask('?service=container_registry')
  const { correlation_id } = (await response.json()) as { correlation_id: string }
  expect(response.status).toBe(500)
  expect(api.lines.some((line) => line['correlation_id'] === correlation_id && 'err' in line)).toBe(true)
})
