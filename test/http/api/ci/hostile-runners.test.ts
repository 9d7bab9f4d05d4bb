import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { World } from '../world.ts'
import { newRunner, plain, startJobs, type TakenJob, takeJob, waitingJobs } from './job-stage.ts'

let world: World
let runner: { id: number; token: string }
let job: TakenJob
let project: number

beforeAll(async () => {
  world = await startJobs()
  runner = await newRunner(world, {})
  project = await world.project('app')
  await waitingJobs(world, project)
  job = await takeJob(world, runner.token)
})
afterAll(() => world.close())

const odd: readonly unknown[] = [
  null,
  [],
  {},
  [[]],
  true,
  -1,
  1e308,
  2 ** 60,
  0.5,
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(50_000),
  { a: { b: [] } },
]

const bodies: readonly (readonly [string, string, readonly string[], () => Record<string, unknown>])[] = [
  [
    'POST',
    '/jobs/request',
    ['token', 'system_id', 'info', 'last_update', 'session', 'features'],
    () => ({ token: runner.token, last_update: 'x' }),
  ],
  [
    'PUT',
    '/jobs/:job',
    ['token', 'state', 'failure_reason', 'exit_code', 'checksum', 'output'],
    () => ({ token: job.token, state: 'running' }),
  ],
  ['POST', '/jobs/:job/artifacts/authorize', ['token', 'filesize', 'artifact_type'], () => ({ token: job.token })],
  ['POST', '/runners/verify', ['token', 'system_id', 'info'], () => ({ token: runner.token })],
  ['DELETE', '/runners/managers', ['token', 'system_id'], () => ({ token: runner.token, system_id: 'x' })],
  ['POST', '/projects/:project/trigger/pipeline', ['token', 'ref', 'variables'], () => ({ token: 'glptt-x', ref: 'main' })],
  ['POST', '/projects/:project/ref/main/trigger/pipeline', ['token', 'variables'], () => ({ token: job.token })],
]

const filled = (path: string) => path.replace(':job', String(job.id)).replace(':project', String(project))

describe('whatever a runner says, it is no fault of the server', () => {
  it.each(bodies)('%s %s', async (method, path, names, good) => {
    for (const name of names) {
      for (const value of odd) {
        const { status } = await world.ask(method, filled(path), { json: { ...good(), [name]: value } })
        expect([name, value, status]).toEqual([name, value, expect.toSatisfy((code: number) => code < 500)])
      }
    }
  })

  it.each(['0', '-1', 'x', '1e3', '99999999999999999999', '%00', '%ff', ' 1'])('as the number %s', async (id) => {
    for (const [method, end] of [
      ['PUT', ''],
      ['PATCH', '/trace'],
      ['POST', '/artifacts'],
      ['POST', '/artifacts/authorize'],
      ['GET', '/artifacts'],
    ] as const) {
      const reply = await plain(world, method, `/jobs/${id}${end}`, { headers: { 'JOB-TOKEN': job.token } })
      expect(reply.status).toBeLessThan(500)
      expect(reply.status).toBeGreaterThanOrEqual(400)
    }
  })

  it.each([
    {},
    { 'Content-Range': '' },
    { 'Content-Range': 'bytes */1' },
    { 'Content-Range': '-1-5' },
    { 'Content-Range': '999999999999-' },
    { 'Content-Range': '9'.repeat(5000) },
    { 'Content-Range': '1-', 'Content-Type': 'application/json' },
    { 'Content-Range': '5-1', 'Content-Encoding': 'gzip' },
  ])('as the place of a piece of log: %j', async (headers) => {
    const all = { 'JOB-TOKEN': job.token, ...headers } as Record<string, string>
    await waitingJobs(world, project)
    const fresh = await takeJob(world, runner.token)
    const reply = await plain(world, 'PATCH', `/jobs/${fresh.id}/trace`, {
      headers: { ...all, 'JOB-TOKEN': fresh.token },
      body: 'x',
    })
    expect([400, 403, 416]).toContain(reply.status)
  })

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'x'.repeat(200)}`,
    'multipart/form-data; boundary="a',
    'multipart/form-data; boundary=a',
  ])('as a form: %s', async (type) => {
    for (const body of [
      '',
      '--a',
      '--a\r\n',
      `--a\r\n${'h: v\r\n'.repeat(5000)}`,
      '--a\r\nContent-Disposition: form-data; name="file"; filename="',
      '--a--\r\n',
    ]) {
      const headers = { 'JOB-TOKEN': job.token, 'Content-Type': type }
      expect((await plain(world, 'POST', `/jobs/${job.id}/artifacts`, { headers, body })).status).toBe(400)
    }
  })

  it('in what is asked for beside the file', async () => {
    for (const name of ['expire_in', 'artifact_type', 'artifact_format', 'token']) {
      for (const value of ['%00', '%ff', 'x'.repeat(3000), '9'.repeat(400), '1e999 days', '']) {
        const form = new FormData()
        form.append('file', new Blob(['x']), 'x')
        const headers = { 'JOB-TOKEN': job.token }
        const reply = await plain(world, 'POST', `/jobs/${job.id}/artifacts?${name}=${value}`, { headers, body: form })
        expect([name, value, reply.status]).toEqual([name, value, expect.toSatisfy((code: number) => code < 500)])
      }
    }
  })
})
