import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ProjectId } from '../../../../src/core/ids.ts'
import { cancelJob } from '../../../../src/store/ci/finish.ts'
import { writeCiSettings } from '../../../../src/store/ci/settings.ts'
import { planned } from '../../../store/ci/planned.ts'
import type { World } from '../world.ts'
import { newRunner, plain, requestJob, rowOf, startJobs, takeJob, waitingJobs } from './job-stage.ts'

let world: World
let project: number
let runner: { id: number; token: string }

beforeAll(async () => {
  world = await startJobs()
})
afterAll(() => world.close())

let count = 0
beforeEach(async () => {
  await world.store.write.deleteFrom('jobs').execute()
  await world.store.write.deleteFrom('runners').execute()
  count += 1
  project = await world.project(`app${count}`)
  runner = await newRunner(world, { tag_list: 'docker,linux' })
})

const settings = (change: Parameters<typeof writeCiSettings>[2]) =>
  world.store.write.transaction().execute((transaction) => writeCiSettings(transaction, project as ProjectId, change))

describe('a runner asks for a job', () => {
  it('and is given it once, with a token that is good', async () => {
    const [job] = await waitingJobs(world, project)
    const reply = await requestJob(world, runner.token, { info: { version: '19.4.0' } })
    expect([reply.status, reply.body.id]).toEqual([201, job?.id])
    expect(reply.body.token).toMatch(/^glcbt-64_.{20}$/)
    expect(await rowOf(world, reply.body.id)).toMatchObject({
      status: 'running',
      runner_id: runner.id,
      runner_system: 's_0123456789ab',
      deadline: new Date(world.parts.clock() + 3_600_000).toISOString(),
    })
    const again = await requestJob(world, runner.token)
    expect([again.status, again.headers.get('x-gitlab-last-update')]).toEqual([204, expect.stringMatching(/^\d+$/)])
  })

  it.each([
    ['tags that it has', { job: { tags: ['docker'] } }, 201],
    ['tags that it does not have', { job: { tags: ['docker', 'gpu'] } }, 204],
    ['no tags, and it wants some', { runner: { run_untagged: false } }, 204],
    ['a ref that is not protected, and it wants such', { runner: { access_level: 'ref_protected' } }, 204],
    ['work while it pauses', { runner: { paused: true } }, 204],
    ['no runners of the instance', { settings: { shared_runners_enabled: 0 } }, 204],
    ['no jobs at all', { settings: { jobs_enabled: 0 } }, 204],
  ] as const)('of %s', async (_what, { job, runner: fields, settings: change }: Record<string, object | undefined>, status) => {
    if (fields) await world.ask('PUT', `/runners/${runner.id}`, { token: world.token('root'), json: fields })
    if (change) await settings(change)
    await waitingJobs(world, project, [planned('test', 0, job ?? {})])
    expect((await requestJob(world, runner.token)).status).toBe(status as number)
  })

  it.each(['own', 'other'] as const)('as the runner of its %s project or group', async (whose) => {
    const home = whose === 'own' ? project : await world.project(`far${count}`)
    const group = (
      await world.ask<{ id: number }>('POST', '/groups', { token: world.token('root'), json: { name: 'g', path: `g${count}` } })
    ).body.id
    const status = whose === 'own' ? 201 : 204
    const bound = await newRunner(world, { runner_type: 'project_type', project_id: home })
    const above = await newRunner(world, { runner_type: 'group_type', group_id: whose === 'own' ? world.group : group })
    await waitingJobs(world, project, [planned('a'), planned('b')])
    expect((await requestJob(world, bound.token)).status).toBe(status)
    expect((await requestJob(world, above.token)).status).toBe(status)
  })

  it('of someone who is blocked: that job fails, and the next is given', async () => {
    const blocked = await world.person(`gone${count}`, { state: 'blocked' })
    const [first] = await waitingJobs(world, project, [planned('test')], blocked.id)
    const [second] = await waitingJobs(world, project)
    expect((await takeJob(world, runner.token)).id).toBe(second?.id)
    expect(await rowOf(world, first?.id ?? 0)).toMatchObject({ status: 'failed', failure_reason: 'user_blocked' })
  })

  it('for no longer than it works', async () => {
    await world.ask('PUT', `/runners/${runner.id}`, { token: world.token('root'), json: { maximum_timeout: 600 } })
    await waitingJobs(world, project)
    const { id } = await takeJob(world, runner.token)
    expect((await rowOf(world, id)).deadline).toBe(new Date(world.parts.clock() + 600_000).toISOString())
  })

  it.each([{ token: 'glrt-wrongwrongwrongwrong' }, { token: 'glcbt-64_aaaaaaaaaaaaaaaaaaaa' }])(
    'but not with %j',
    async ({ token }) => {
      expect((await requestJob(world, token)).status).toBe(403)
    },
  )

  it('and waits where it knows that there was none, until one is born', async () => {
    const known = (await requestJob(world, runner.token)).headers.get('x-gitlab-last-update')
    const waiting = requestJob(world, runner.token, { last_update: known })
    await new Promise((resolve) => setTimeout(resolve, 60))
    const [born] = await waitingJobs(world, project)
    const at = performance.now()
    expect((await waiting).body.id).toBe(born?.id)
    expect(performance.now() - at).toBeLessThan(1000)
  })

  it('a hundred times at once at most, and again when one of these has gone', async () => {
    const { queue } = world.parts.jobs
    const leave = Array.from({ length: 100 }, () => queue.enter(runner.id))
    const last_update = String(queue.value())
    expect((await requestJob(world, runner.token, { last_update })).status).toBe(204)
    for (const one of leave) one?.()
    const waiting = requestJob(world, runner.token, { last_update: String(queue.value()) })
    const [job] = await waitingJobs(world, project)
    expect((await waiting).body.id).toBe(job?.id)
  })

  it('and has to come again where git has no place for what it must be told', async () => {
    const [job] = await waitingJobs(world, project)
    const { engine } = world.parts.code
    const { ask } = engine
    Object.assign(engine, { ask: async () => ({ kind: 'busy' }) })
    const refused = await requestJob(world, runner.token)
    Object.assign(engine, { ask })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await rowOf(world, job?.id ?? 0)).toMatchObject({ status: 'pending', token_digest: null, masks: null })
    expect((await takeJob(world, runner.token)).id).toBe(job?.id)
  })

  it('the project that has fewest running first', async () => {
    const other = await world.project(`lib${count}`)
    const jobs = await waitingJobs(world, project, [planned('a'), planned('b')])
    const [later] = await waitingJobs(world, other)
    const ids = [await takeJob(world, runner.token), await takeJob(world, runner.token), await takeJob(world, runner.token)]
    expect(ids.map(({ id }) => id)).toEqual([jobs[0]?.id, later?.id, jobs[1]?.id])
  })

  it('at the same time as others: each job goes to one of them', async () => {
    const jobs = await waitingJobs(
      world,
      project,
      ['a', 'b', 'c', 'd', 'e'].map((name) => planned(name)),
    )
    const replies = await Promise.all(Array.from({ length: 12 }, () => requestJob(world, runner.token)))
    const taken = replies.filter(({ status }) => status === 201).map(({ body }) => body.id)
    expect(taken.sort()).toEqual(jobs.map(({ id }) => id))
  })
})

const put = (id: number, json: Record<string, unknown>) => world.ask('PUT', `/jobs/${id}`, { json })

describe('a runner says how its job is', () => {
  it.each([
    [
      { state: 'success', exit_code: 0 },
      { status: 'success', failure_reason: null },
    ],
    [
      { state: 'failed', failure_reason: 'script_failure', exit_code: 3 },
      { status: 'failed', failure_reason: 'script_failure', exit_code: 3 },
    ],
    [
      { state: 'failed', failure_reason: 'moon' },
      { status: 'failed', failure_reason: 'unknown_failure' },
    ],
    [{ state: 'running' }, { status: 'running' }],
  ])('%j', async (said, row) => {
    await waitingJobs(world, project)
    const { id, token } = await takeJob(world, runner.token)
    const reply = await put(id, { token, ...said })
    expect([reply.status, reply.body, reply.headers.get('job-status')]).toEqual([200, 200, row.status])
    expect(await rowOf(world, id)).toMatchObject(row)
    expect((await put(id, { token, state: 'success' })).status).toBe(said.state === 'running' ? 200 : 403)
  })

  it('and is told when nobody wants it any more', async () => {
    await waitingJobs(world, project)
    const { id, token } = await takeJob(world, runner.token)
    await world.store.write.transaction().execute((transaction) => cancelJob(transaction, id, world.parts.clock()))
    expect((await put(id, { token, state: 'running' })).status).toBe(403)
  })

  it('with the token of that job alone, and until its time is over', async () => {
    await waitingJobs(world, project, [planned('a'), planned('b')])
    const [one, other] = [await takeJob(world, runner.token), await takeJob(world, runner.token)]
    expect((await put(one.id, { token: other.token, state: 'success' })).status).toBe(403)
    expect((await put(one.id, { token: runner.token, state: 'success' })).status).toBe(403)
    expect((await put(one.id, { state: 'success' })).status).toBe(400)
    expect((await put(one.id, { token: one.token, state: 'odd' })).status).toBe(400)
    expect(
      (await world.ask('PUT', `/jobs/${one.id}`, { headers: { 'JOB-TOKEN': one.token }, json: { state: 'running' } })).status,
    ).toBe(200)
    const now = world.parts.clock()
    world.moveClock(now + 3_600_000)
    const late = await put(one.id, { token: one.token, state: 'success' })
    world.moveClock(now)
    expect([late.status, late.headers.get('job-status')]).toEqual([403, 'failed'])
    expect(await rowOf(world, one.id)).toMatchObject({ status: 'running' })
  })
})

describe('a log', () => {
  let job: { id: number; token: string }
  beforeEach(async () => {
    await waitingJobs(world, project)
    job = await takeJob(world, runner.token)
  })

  const patch = (start: number, body: string, headers: Record<string, string> = {}) =>
    plain(world, 'PATCH', `/jobs/${job.id}/trace?debug_trace=false`, {
      headers: {
        'JOB-TOKEN': job.token,
        'Content-Type': 'text/plain',
        'Content-Range': `${start}-${start + body.length - 1}`,
        ...headers,
      },
      body,
    })
  const read = (headers: Record<string, string> = {}) =>
    plain(world, 'GET', `/projects/${project}/jobs/${job.id}/trace`, {
      headers: { 'PRIVATE-TOKEN': world.token('reporter') ?? '', ...headers },
    })

  it('grows piece by piece', async () => {
    const first = await patch(0, 'hello ')
    expect([first.status, first.headers.get('range'), first.headers.get('job-status')]).toEqual([202, '0-6', 'running'])
    expect(first.headers.get('x-gitlab-trace-update-interval')).toBe('3')
    expect((await patch(6, 'world')).headers.get('range')).toBe('0-11')
    expect((await read()).text).toBe('hello world')
    expect(await read({ Range: 'bytes=6-' })).toMatchObject({ status: 206, text: 'world' })
    expect((await read({ Range: 'bytes=11-' })).status).toBe(416)
  })

  it.each([
    ['a gap', 9, 'late', 416],
    ['an overlap', 3, 'lo world', 416],
    ['the last piece again', 0, 'hello ', 202],
  ])('%s', async (_what, start, body, status) => {
    await patch(0, 'hello ')
    const reply = await patch(start, body)
    expect([reply.status, reply.headers.get('range')]).toEqual([status, '0-6'])
    expect((await read()).text).toBe('hello ')
  })

  it.each([
    ['no range', { 'Content-Range': '' }, 400],
    ['another token', { 'JOB-TOKEN': 'glcbt-64_aaaaaaaaaaaaaaaaaaaa' }, 403],
    ['too far', { 'Content-Range': '104857600-104857601' }, 403],
  ])('with %s is not taken', async (_what, headers, status) => {
    expect((await patch(0, 'x', headers)).status).toBe(status)
    expect((await read()).text).toBe('')
  })

  it('that says too much ends the job', async () => {
    await patch(100 * 2 ** 20, 'x')
    expect(await rowOf(world, job.id)).toMatchObject({ status: 'failed', failure_reason: 'trace_size_exceeded' })
    expect((await patch(0, 'x')).status).toBe(403)
  })

  it('never shows the token of the job, also where it comes in two pieces', async () => {
    const text = `a ${job.token} b ${job.token} c`
    const cut = text.lastIndexOf(job.token) + 7
    await patch(0, text.slice(0, cut))
    expect((await patch(cut, text.slice(cut))).headers.get('range')).toBe(`0-${text.length}`)
    const shown = (await read()).text
    expect(shown).not.toContain(job.token)
    expect(shown).toBe(`a ${'[MASKED]'.padEnd(job.token.length, '*')} b ${'[MASKED]'.padEnd(job.token.length, '*')} c`)
  })

  it('comes from two at once, and one of them is told where it ends', async () => {
    const replies = await Promise.all([patch(0, 'aaaa'), patch(0, 'bbbbbb')])
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 416])
    expect(['aaaa', 'bbbbbb']).toContain((await read()).text)
  })
})

it("a token that was found is known to be a job's, and its job is canceled", async () => {
  await waitingJobs(world, project)
  const { id, token } = await takeJob(world, runner.token)
  const admin = (method: string) => world.ask(method, '/admin/token', { token: world.token('root'), json: { token } })
  expect((await admin('POST')).body).toMatchObject({ job: { id } })
  expect((await admin('DELETE')).status).toBe(204)
  expect(await rowOf(world, id)).toMatchObject({ status: 'canceled' })
})

it('a runner that goes away while it waits takes no job with it', async () => {
  const known = (await requestJob(world, runner.token)).headers.get('x-gitlab-last-update')
  const gone = new AbortController()
  const body = JSON.stringify({ token: runner.token, last_update: known })
  const headers = { 'Content-Type': 'application/json' }
  const waiting = fetch(`${world.url}/api/v4/jobs/request`, { method: 'POST', headers, body, signal: gone.signal })
  await new Promise((resolve) => setTimeout(resolve, 60))
  gone.abort()
  await expect(waiting).rejects.toThrow()
  const [job] = await waitingJobs(world, project)
  // It may have been given to the one who is gone, and taken back.
  const { id } = await vi.waitFor(() => takeJob(world, runner.token), { timeout: 5_000 })
  expect(id).toBe(job?.id)
})
