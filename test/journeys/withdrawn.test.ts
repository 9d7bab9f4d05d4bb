import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'
import { stalledFetch } from './stalled-fetch.ts'

let scene: Scene
let tip = ''

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
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

afterAll(() => scene?.[Symbol.asyncDispose]())

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

/** Reads to the end; resolves with how it ended, and how many bytes came. */
const drain = (answer: IncomingMessage): Promise<{ whole: boolean; bytes: number }> =>
  new Promise((resolve) => {
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    answer.on('error', () => {})
    answer.on('close', () => resolve({ whole: answer.complete, bytes }))
  })

const cutWithinASecond = async (answer: IncomingMessage, withdraw: () => Promise<unknown>): Promise<number> => {
  expect(answer.statusCode).toBe(200)
  const closed = new Promise<number>((resolve) => {
    answer.on('error', () => {})
    answer.socket.on('close', () => resolve(performance.now()))
  })
  await withdraw()
  const since = performance.now()
  return (await closed) - since
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
