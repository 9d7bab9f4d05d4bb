import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Coordinator } from '../../demo/runner/coordinator.ts'
import { JobCalls } from '../../demo/runner/job-calls.ts'
import type { Payload } from '../../demo/runner/payload.ts'
import { Pipelines, takeJob } from './pipelines.ts'
import { Scene } from './scene.ts'
import { stalledFetch } from './stalled-fetch.ts'

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

const stall = (secret: string): Promise<IncomingMessage> =>
  stalledFetch({ url: `${scene.server.http}/castle/big.git`, login: 'gitlab-ci-token', secret, want: tip })

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
    const answer = await stall(payload.token)
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
