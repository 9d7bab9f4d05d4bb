import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Coordinator } from '../../demo/runner/coordinator.ts'
import { JobCalls } from '../../demo/runner/job-calls.ts'
import type { Payload } from '../../demo/runner/payload.ts'
import { Pipelines, takeJob } from './pipelines.ts'
import { Scene } from './scene.ts'

let scene: Scene
let pipelines: Pipelines
let coordinator: Coordinator

const quiet = 'job:\n  script: ["true"]\n  rules: [{if: $CI_PIPELINE_SOURCE != "push"}]\n'

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  pipelines = new Pipelines(scene)
  coordinator = await pipelines.coordinator()
  for (const path of ['upstream', 'downstream', 'doomed']) {
    await scene.project(path)
    await pipelines.push(path, quiet)
  }
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const asMaintainer = () => scene.api.as(scene.who('maintainer').token)

const startJob = async (path: string): Promise<Payload> => {
  await asMaintainer().make('POST', `/projects/${scene.id(path)}/pipeline`, { ref: 'main' })
  return await takeJob(coordinator)
}

const finish = ({ id, token }: Payload) =>
  new JobCalls(coordinator.base, id, token).finish({ state: 'success', checksum: 'crc32:00000000', bytesize: 0 })

const trigger = async (path: string, fields: Record<string, unknown>) => {
  const response = await fetch(`${scene.server.http}/api/v4/projects/${scene.id(path)}/trigger/pipeline`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  })
  return { status: response.status, body: await response.json() }
}

const variableOf = ({ variables }: Payload, name: string): string | undefined =>
  variables.findLast(({ key }) => key === name)?.value

const gitStatus = async (path: string, token: string): Promise<number> =>
  (await scene.infoRefs(`castle/${path}`, 'upload-pack', { login: 'gitlab-ci-token', secret: token })).status

describe('a trigger token', () => {
  test('begins a pipeline as its owner, with its variables and its payload', { timeout: 30_000 }, async () => {
    const path = `/projects/${scene.id('downstream')}/triggers`
    const { token } = await asMaintainer().make('POST', path, { description: 'from elsewhere' })
    const made = await trigger('downstream', { token, ref: 'main', variables: { COLOUR: 'blue' } })
    expect(made).toMatchObject({ status: 201, body: { source: 'trigger', user: { username: 'maintainer' } } })
    const payload = await takeJob(coordinator)
    expect([variableOf(payload, 'COLOUR'), variableOf(payload, 'CI_PIPELINE_SOURCE')]).toEqual(['blue', 'trigger'])
    const told = variableOf(payload, 'TRIGGER_PAYLOAD') ?? ''
    expect(JSON.parse(told)).toMatchObject({ ref: 'main', variables: { COLOUR: 'blue' } })
    expect(told).not.toContain(token)
    await finish(payload)
    expect((await trigger('upstream', { token, ref: 'main' })).status).toBe(404)
    await asMaintainer().make('DELETE', `${path}/${(await asMaintainer().make('GET', path))[0].id}`)
    expect((await trigger('downstream', { token, ref: 'main' })).status).toBe(404)
  })
})

test('a job token begins a pipeline of another project that allows it, and of no other', { timeout: 30_000 }, async () => {
  const payload = await startJob('upstream')
  const { token } = payload
  const before = await trigger('downstream', { token, ref: 'main' })
  expect(before.status).toBeGreaterThanOrEqual(403)
  const allowlist = `/projects/${scene.id('downstream')}/job_token_scope/allowlist`
  await asMaintainer().make('POST', allowlist, { target_project_id: scene.id('upstream') })
  const made = await trigger('downstream', { token, ref: 'main' })
  expect(made).toMatchObject({ status: 201, body: { source: 'pipeline', user: { username: 'maintainer' } } })
  const below = await takeJob(coordinator)
  expect(below.job_info.project_id).toBe(scene.id('downstream'))
  expect(await gitStatus('downstream', token)).toBe(200)
  await Promise.all([finish(payload), finish(below)])
  expect(await trigger('downstream', { token, ref: 'main' })).toMatchObject({ status: 401 })
  expect(await gitStatus('downstream', token)).toBe(401)
})

test('a job of a project that is deleted ends with it', { timeout: 30_000 }, async () => {
  const payload = await startJob('doomed')
  const calls = new JobCalls(coordinator.base, payload.id, payload.token)
  expect(await calls.appendTrace(0, Buffer.from('begun\n'))).toMatchObject({ kind: 'taken' })
  await scene.api.make('DELETE', `/projects/${scene.id('doomed')}`)
  expect([401, 404]).toContain(await gitStatus('doomed', payload.token))
  expect(await calls.appendTrace(6, Buffer.from('more\n'))).toEqual({ kind: 'over' })
  expect(await finish(payload)).toBe('over')
  expect(await calls.keepAlive()).toBe('over')
})

describe('tokens in the wrong place', () => {
  test.each(['/user', '/projects', '/runners', '/personal_access_tokens', '/job'])('a runner token opens no %s', async (path) => {
    const token = await pipelines.runnerToken()
    for (const headers of [{ 'PRIVATE-TOKEN': token }, { Authorization: `Bearer ${token}` }, { 'JOB-TOKEN': token }]) {
      const response = await fetch(`${scene.server.http}/api/v4${path}`, { headers: Object(headers) })
      const body: unknown = await response.json()
      const nobody = path === '/projects' && Array.isArray(body)
      expect([path, nobody ? 401 : response.status]).toEqual([path, 401])
    }
  })

  test('a runner token is no password for git', async () => {
    const token = await pipelines.runnerToken()
    for (const login of ['gitlab-ci-token', 'root', 'x']) {
      const { status } = await scene.infoRefs('castle/upstream', 'upload-pack', { login, secret: token })
      expect([login, status]).toEqual([login, 401])
    }
  })

  test("a person's token takes no jobs", async () => {
    const response = await fetch(`${scene.server.http}/api/v4/jobs/request`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token: scene.who('maintainer').token }),
    })
    expect(response.status).toBe(403)
  })
})

describe('a lease', () => {
  test('gives a job token without a pipeline, until it is ended', { timeout: 30_000 }, async () => {
    const leases = `/projects/${scene.id('upstream')}/sallyport/job_leases`
    const lease = await asMaintainer().make('POST', leases, { ref: 'main', seconds: 600 })
    expect(lease.token).toMatch(/^glcbt-/)
    expect([await gitStatus('upstream', lease.token), await gitStatus('private', lease.token)]).toEqual([200, 403])
    await asMaintainer().make('DELETE', `${leases}/${lease.id}`)
    expect(await gitStatus('upstream', lease.token)).toBe(401)
  })
})
