import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalIssuer, openIssuer } from '../support/issuer.ts'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'
import { stalledFetch } from './stalled-fetch.ts'

let scene: Scene
let issuer: LocalIssuer
let tip = ''

beforeAll(async () => {
  issuer = await openIssuer()
  scene = await Scene.open({ workers: 2, env: { SALLYPORT_OUTBOUND_ALLOW: '127.0.0.1' } })
  await scene.project('big')
  const directory = await scene.client.repository('big')
  await writeFile(join(directory, 'noise'), randomBytes(24 * 2 ** 20))
  await scene.client.git(['add', '.'], { cwd: directory })
  tip = await scene.client.commit(directory, 'noise')
  const pushed = await scene.client.git(['push', '-q', scene.client.url('castle/big', 'root', rootToken), 'HEAD:noise'], {
    cwd: directory,
  })
  if (pushed.code !== 0) throw new Error(pushed.stderr)
}, 60_000)

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const stall = (secret: string): Promise<IncomingMessage> =>
  stalledFetch({ url: `${scene.server.http}/castle/big.git`, login: 'x', secret, want: tip })

/** The same for a file through the API. */
const stalledFile = (secret: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const address = `${scene.server.http}/api/v4/projects/castle%2Fbig/repository/files/noise/raw?ref=noise`
    const asked = request(address, { agent: false, headers: { 'PRIVATE-TOKEN': secret } })
    asked.on('response', resolve)
    asked.on('error', reject)
    asked.end()
  })

/** A token for `castle/big`, by the trust with this audience. */
const exchanged = async (audience: string): Promise<string> => {
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await issuer.token({ aud: audience }),
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    audience: 'castle/big',
  })
  const response = await fetch(`${scene.server.http}/api/v4/sallyport/token_exchange`, { method: 'POST', body })
  const { access_token } = (await response.json()) as { access_token: string }
  return access_token
}

/** Reads to the end; resolves with how it ended, and how many bytes came. */
const drain = (answer: IncomingMessage): Promise<{ whole: boolean; bytes: number }> =>
  new Promise((resolve) => {
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    answer.on('error', () => {})
    const tell = (): void => resolve({ whole: answer.complete, bytes })
    if (answer.closed) tell()
    else answer.on('close', tell)
  })

/** The line of the next transfer that is cut off. The client itself, which reads nothing, would not notice. */
const nextCut = (): Promise<unknown> => {
  const seen = scene.server.log.length
  return scene.server.logged(
    (line) => line['meta.refusal_reason'] === 'access was withdrawn' && scene.server.log.indexOf(line) >= seen,
  )
}

const cutWithinASecond = async (answer: IncomingMessage, withdraw: () => Promise<unknown>): Promise<number> => {
  expect(answer.statusCode).toBe(200)
  const cut = nextCut()
  await withdraw()
  const since = performance.now()
  await cut
  const took = performance.now() - since
  expect((await drain(answer)).whole).toBe(false)
  return took
}

describe('a transfer under way is cut off', () => {
  test('when its token is revoked', async () => {
    const { token, id } = await scene.token(scene.who('developer').id, ['read_repository'])
    const answer = await stall(token)
    const took = await cutWithinASecond(answer, () => scene.api.make('DELETE', `/personal_access_tokens/${id}`))
    expect(took).toBeLessThan(1000)
  })

  test('when its user is blocked, loses the role, or the project', async () => {
    for (const [name, withdraw] of [
      ['blocked-soon', (id: number) => scene.api.make('POST', `/users/${id}/block`)],
      ['removed-soon', (id: number) => scene.api.make('DELETE', `/groups/${scene.groupId}/members/${id}`)],
    ] as const) {
      const person = await scene.person(name)
      await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: person.id, access_level: 20 })
      const answer = await stall(person.token)
      expect([name, await cutWithinASecond(answer, () => withdraw(person.id))]).toEqual([name, expect.any(Number)])
    }
  })

  test('when the trust that gave its token is changed or deleted, or its sponsor is blocked', async () => {
    const trusts = `/projects/${scene.id('big')}/sallyport/trusts`
    for (const [name, withdraw] of [
      ['changed', (trust: number) => scene.api.make('PUT', `${trusts}/${trust}`, {})],
      ['deleted', (trust: number) => scene.api.make('DELETE', `${trusts}/${trust}`)],
      ['unsponsored', (_: number, sponsor: number) => scene.api.make('POST', `/users/${sponsor}/block`)],
    ] as const) {
      const { id: sponsor, token } = await scene.person(name)
      await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: sponsor, access_level: 40 })
      const terms = { name, issuer: issuer.url, audience: name, claims: { repository: 'octo/ship' } }
      const trust = await scene.api.as(token).make('POST', trusts, { ...terms, access_level: 20, scopes: ['read_repository'] })
      const answer = await stall(await exchanged(name))
      expect([name, await cutWithinASecond(answer, () => withdraw(trust.id, sponsor))]).toEqual([name, expect.any(Number)])
    }
  })

  test('also a file through the API, for each of these', async () => {
    for (const [name, withdraw] of [
      ['token-soon', (_: number, token: number) => scene.api.make('DELETE', `/personal_access_tokens/${token}`)],
      ['banned-soon', (id: number) => scene.api.make('POST', `/users/${id}/block`)],
      ['leaving-soon', (id: number) => scene.api.make('DELETE', `/groups/${scene.groupId}/members/${id}`)],
    ] as const) {
      const person = await scene.person(name)
      await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: person.id, access_level: 20 })
      const { token, id } = await scene.token(person.id, ['read_repository'])
      const answer = await stalledFile(token)
      const cut = scene.server.logged((line) => line['username'] === name && String(line['path']).endsWith('/raw'))
      await withdraw(person.id, id)
      const since = performance.now()
      await cut
      expect(performance.now() - since).toBeLessThan(1000)
      expect((await drain(answer)).whole).toBe(false)
    }
    const { whole, bytes } = await drain(await stalledFile(rootToken))
    expect([whole, bytes]).toEqual([true, 24 * 2 ** 20])
  })

  test('when the moment comes at which its deploy token ends', async () => {
    const end = Date.now() + 1_500
    const fields = { name: 'brief', username: 'x', scopes: ['read_repository'], expires_at: new Date(end).toISOString() }
    const { token } = await scene.api.make('POST', `/projects/${scene.id('big')}/deploy_tokens`, fields)
    const answer = await stall(token)
    expect(answer.statusCode).toBe(200)
    await nextCut()
    const late = Date.now() - end
    expect((await drain(answer)).whole).toBe(false)
    expect([late >= 0, late < 1000]).toEqual([true, true])
  })

  test('and others that run beside it end whole', async () => {
    const [one, other] = [
      await scene.token(scene.who('developer').id, ['api']),
      await scene.token(scene.who('developer').id, ['api']),
    ]
    const [falling, standing] = await Promise.all([stall(one.token), stall(other.token)])
    await cutWithinASecond(falling, () => scene.api.make('DELETE', `/personal_access_tokens/${one.id}`))
    const { whole, bytes } = await drain(standing)
    expect([whole, bytes > 24 * 2 ** 20]).toEqual([true, true])
  })
})

test('an orderly stop lets a transfer end', async () => {
  const answer = await stall(rootToken)
  expect(answer.statusCode).toBe(200)
  const stopped = scene.server.stop()
  const { whole, bytes } = await drain(answer)
  expect([whole, bytes > 24 * 2 ** 20, await stopped]).toEqual([true, true, 0])
})
