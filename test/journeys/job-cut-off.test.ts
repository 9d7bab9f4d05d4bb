import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Coordinator } from '../../demo/runner/coordinator.ts'
import { JobCalls } from '../../demo/runner/job-calls.ts'
import type { Payload } from '../../demo/runner/payload.ts'
import { Pipelines, takeJob } from './pipelines.ts'
import { Scene } from './scene.ts'

let scene: Scene
let pipelines: Pipelines
let coordinator: Coordinator
let tip = ''

const configuration = 'job:\n  script: ["true"]\n  rules: [{if: $CI_PIPELINE_SOURCE == "api"}]\n'

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  pipelines = new Pipelines(scene)
  coordinator = await pipelines.coordinator()
  await scene.project('big')
  await writeFile(join(scene.client.directory, 'seed-big/noise'), randomBytes(24 * 2 ** 20))
  tip = await pipelines.push('big', configuration)
}, 90_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const startJob = async (user = 'maintainer'): Promise<Payload> => {
  await scene.api.as(scene.who(user).token).make('POST', `/projects/${scene.id('big')}/pipeline`, { ref: 'main' })
  return await takeJob(coordinator)
}

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text

const basic = (token: string): string => `Basic ${Buffer.from(`gitlab-ci-token:${token}`).toString('base64')}`

/** Asks for everything and reads nothing yet: the transfer stands, with git behind it. */
const stalledFetch = (token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const body = `${packet('command=fetch\n')}0001${packet('no-progress\n')}${packet(`want ${tip}\n`)}${packet('done\n')}0000`
    const asked = request(`${scene.server.http}/castle/big.git/git-upload-pack`, {
      method: 'POST',
      agent: false,
      headers: {
        Authorization: basic(token),
        'Content-Type': 'application/x-git-upload-pack-request',
        'Git-Protocol': 'version=2',
      },
    })
    asked.on('response', resolve)
    asked.on('error', reject)
    asked.end(body)
  })

const finish = ({ id, token }: Payload, state: 'success' | 'failed') =>
  new JobCalls(coordinator.base, id, token).finish({ state, checksum: 'crc32:00000000', bytesize: 0 })

/** Every way in which a job ends while somebody else holds its token. */
const ends: readonly (readonly [string, string, (payload: Payload) => Promise<unknown>])[] = [
  ['succeeds', 'maintainer', (payload) => finish(payload, 'success')],
  ['fails', 'maintainer', (payload) => finish(payload, 'failed')],
  ['is canceled', 'maintainer', ({ id }) => scene.api.make('POST', `/projects/${scene.id('big')}/jobs/${id}/cancel`)],
  ['loses its user', 'leaver', () => scene.api.make('POST', `/users/${scene.who('leaver').id}/block`)],
]

const gitStatus = async (token: string): Promise<number> =>
  (await scene.infoRefs('castle/big', 'upload-pack', { login: 'gitlab-ci-token', secret: token })).status

const ownJob = async (token: string): Promise<number> =>
  (await fetch(`${scene.server.http}/api/v4/job`, { headers: { 'JOB-TOKEN': token } })).status

describe('a job that ends while it clones', () => {
  test.each(ends)('because it %s', { timeout: 60_000 }, async (_, user, end) => {
    if (user === 'leaver') {
      const { id } = await scene.person('leaver')
      await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: id, access_level: 40 })
    }
    const payload = await startJob(user)
    expect([await gitStatus(payload.token), await ownJob(payload.token)]).toEqual([200, 200])
    const answer = await stalledFetch(payload.token)
    expect(answer.statusCode).toBe(200)
    const closed = new Promise<number>((resolve) => {
      answer.on('error', () => {})
      answer.socket.on('close', () => resolve(performance.now()))
    })
    await end(payload)
    const since = performance.now()
    expect(await gitStatus(payload.token)).toBe(401)
    expect([401, 403]).toContain(await ownJob(payload.token))
    expect((await closed) - since).toBeLessThan(1_000)
  })
})

test('the token of a job that has ended opens nothing, by any way of showing it', { timeout: 60_000 }, async () => {
  const payload = await startJob()
  const { token, id } = payload
  await finish(payload, 'success')
  const call = async (method: string, path: string, headers: Record<string, string>, body?: string): Promise<number> => {
    const response = await fetch(`${scene.server.http}/api/v4${path}`, { method, headers, ...(body !== undefined && { body }) })
    await response.arrayBuffer()
    return response.status
  }
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const project = scene.id('big')
  expect({
    job: await call('GET', '/job', { 'JOB-TOKEN': token }),
    bearer: await call('GET', '/job', { Authorization: `Bearer ${token}` }),
    query: await call('GET', `/job?job_token=${token}`, {}),
    trace: await call('PATCH', `/jobs/${id}/trace`, { 'JOB-TOKEN': token, 'Content-Range': '0-1' }, 'ab'),
    artifacts: await call('GET', `/jobs/${id}/artifacts`, { 'JOB-TOKEN': token }),
    project: await call('GET', `/projects/${project}`, { 'PRIVATE-TOKEN': token }),
    trigger: await call('POST', `/projects/${project}/trigger/pipeline`, form, `token=${token}&ref=main`),
    git: await gitStatus(token),
  }).toEqual({ job: 401, bearer: 401, query: 401, trace: 403, artifacts: 403, project: 404, trigger: 401, git: 401 })
})
