import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PlannedJob } from '../../../src/ci/plan.ts'
import type { JobId, PipelineId, ProjectId } from '../../../src/core/ids.ts'
import type { User } from '../../../src/core/principal.ts'
import { Secret } from '../../../src/core/secret.ts'
import { cancelJob, cancelPipeline, finishJob, type JobEnding } from '../../../src/store/ci/finish.ts'
import { jobsOf } from '../../../src/store/ci/jobs.ts'
import { pipelineById, pipelineVariablesOf, placeOfPipelineVariable } from '../../../src/store/ci/pipelines.ts'
import { playJob, retryJob, retryPipeline, startDueJobs } from '../../../src/store/ci/retry.ts'
import type { Writer } from '../../../src/store/routes.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'
import { makePipeline, planned, projectOf, sealer } from './planned.ts'

let place: TemporaryStore
let user: User
let project: ProjectId
let pipeline: PipelineId

beforeAll(async () => {
  place = await temporaryStore()
  user = await place.user('ada')
  project = await projectOf(place.store, user.id)
})
afterAll(() => place.close())

const begin = async (...jobs: PlannedJob[]): Promise<void> => {
  pipeline = (await makePipeline(place.store, { project, user: user.id }, jobs)).id
}

const change = <Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> =>
  place.store.write.transaction().execute(work)

const rows = () => jobsOf(place.store.read, pipeline).orderBy('id').execute()

const idOf = async (name: string): Promise<JobId> => {
  const found = (await rows()).findLast((row) => row.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found.id
}

/** As a runner would have it. */
const run = async (name: string): Promise<JobId> => {
  const id = await idOf(name)
  const fields = { status: 'running' as const, token_digest: `digest-${id}`, masks: 'x', deadline: new Date(now).toISOString() }
  await place.store.write.updateTable('jobs').set(fields).where('id', '=', id).execute()
  return id
}

const end = async (name: string, ending: JobEnding): Promise<boolean> => {
  const id = await run(name)
  return change((transaction) => finishJob(transaction, id, ending, now))
}

const statuses = async () => (await rows()).map((row) => `${row.name} ${row.status}${row.retried === 1 ? ' retried' : ''}`)
const whole = async () => (await pipelineById(place.store.read, pipeline))?.status

describe('the end of a job', () => {
  test('moves the next stage, and the pipeline', async () => {
    await begin(planned('build'), planned('test', 1))
    expect([await statuses(), await whole()]).toEqual([['build pending', 'test created'], 'pending'])
    await end('build', { status: 'success' })
    expect([await statuses(), await whole()]).toEqual([['build success', 'test pending'], 'running'])
    await end('test', { status: 'success' })
    expect(await whole()).toBe('success')
    expect(await pipelineById(place.store.read, pipeline)).toMatchObject({ finished_at: new Date(now).toISOString() })
  })

  test('is written once, and ends the time of its token', async () => {
    await begin(planned('build'))
    const id = await run('build')
    const ask = (status: JobEnding['status']) => change((transaction) => finishJob(transaction, id, { status }, now))
    expect(await ask('success')).toBe(true)
    expect(await ask('failed')).toBe(false)
    expect(await rows()).toMatchObject([{ status: 'success', masks: null, deadline: null }])
  })

  test('of which there is none is no end', async () => {
    expect(await change((transaction) => finishJob(transaction, 999_999 as JobId, { status: 'failed' }, now))).toBe(false)
  })

  test('by failure skips the rest, but for what waits for failures', async () => {
    await begin(planned('build'), planned('test', 1), planned('tell', 2, { when: 'on_failure' }))
    await end('build', { status: 'failed', failureReason: 'script_failure', exitCode: 2 })
    expect(await statuses()).toEqual(['build failed', 'test skipped', 'tell pending'])
    expect((await rows())[0]).toMatchObject({ failure_reason: 'script_failure', exit_code: 2 })
    await end('tell', { status: 'success' })
    expect(await whole()).toBe('failed')
  })

  test.each([
    [137, 'success', 'true'],
    [1, 'failed', '[137]'],
  ])('with exit code %i where 137 may be: %s', async (exitCode, status, kept) => {
    await begin(planned('build', 0, { allowFailure: [137] }))
    await end('build', { status: 'failed', failureReason: 'script_failure', exitCode })
    expect([await whole(), (await rows())[0]?.allow_failure]).toEqual([status, kept])
  })
})

describe('the automatic retry', () => {
  const twice = { retry: { max: 2, when: ['script_failure'] } } as const

  test('comes as often as it is asked for, and holds the next stage up', async () => {
    await begin(planned('build', 0, twice), planned('test', 1))
    const failure = { status: 'failed', failureReason: 'script_failure' } as const
    await end('build', failure)
    expect(await statuses()).toEqual(['build failed retried', 'test created', 'build pending'])
    await end('build', failure)
    expect(await whole()).toBe('pending')
    await end('build', failure)
    expect(await statuses()).toEqual(['build failed retried', 'test skipped', 'build failed retried', 'build failed'])
    expect(await whole()).toBe('failed')
  })

  test.each<JobEnding>([
    { status: 'failed', failureReason: 'runner_system_failure' },
    { status: 'canceled' },
    { status: 'success' },
  ])('does not come for %o', async (ending) => {
    await begin(planned('build', 0, twice))
    await end('build', ending)
    expect(await statuses()).toEqual([`build ${ending.status}`])
  })
})

describe('canceling', () => {
  test('ends a running job at once, and what waits for it', async () => {
    await begin(planned('build'), planned('test', 1))
    const id = await run('build')
    expect(await change((transaction) => cancelJob(transaction, id, now))).toBe(true)
    expect([await statuses(), await whole()]).toEqual([['build canceled', 'test skipped'], 'canceled'])
    expect((await rows())[0]?.deadline).toBeNull()
  })

  test('a pipeline ends all of its jobs that have not ended', async () => {
    await begin(planned('done'), planned('build'), planned('click', 1, { when: 'manual' }), planned('test', 2))
    await end('done', { status: 'success' })
    await run('build')
    expect(await change((transaction) => cancelPipeline(transaction, pipeline, now))).toBe(3)
    expect(await statuses()).toEqual(['done success', 'build canceled', 'click canceled', 'test canceled'])
    expect(await whole()).toBe('canceled')
  })
})

describe('running again', () => {
  beforeEach(async () => {
    await begin(planned('build'), planned('test', 1), planned('deploy', 2))
    await end('build', { status: 'success' })
    await end('test', { status: 'failed' })
  })

  test('one job wakes what was skipped because of it', async () => {
    const id = await idOf('test')
    expect(await change((transaction) => retryJob(transaction, id, user.id, now))).toBeGreaterThan(id)
    expect(await statuses()).toEqual(['build success', 'test failed retried', 'deploy created', 'test pending'])
    await end('test', { status: 'success' })
    expect((await statuses())[2]).toBe('deploy pending')
  })

  test('a job that another took the place of does not', async () => {
    const id = await idOf('test')
    await change((transaction) => retryJob(transaction, id, user.id, now))
    expect(await change((transaction) => retryJob(transaction, id, user.id, now))).toBeUndefined()
  })

  test('a pipeline runs what failed', async () => {
    expect(await change((transaction) => retryPipeline(transaction, pipeline, user.id, now))).toBe(1)
    expect(await statuses()).toEqual(['build success', 'test failed retried', 'deploy created', 'test pending'])
    expect(await whole()).toBe('running')
  })
})

describe('jobs that wait for more than others', () => {
  test('a manual job waits for its click, as whoever clicks', async () => {
    const other = await place.user('grace')
    await begin(planned('click', 0, { when: 'manual' }), planned('test', 1))
    expect([await statuses(), await whole()]).toEqual([['click manual', 'test created'], 'manual'])
    const id = await idOf('click')
    expect(await change((transaction) => playJob(transaction, id, other.id, now))).toBe(true)
    expect(await change((transaction) => playJob(transaction, id, other.id, now))).toBe(false)
    expect((await rows())[0]).toMatchObject({ status: 'pending', user_id: other.id })
  })

  test('a delayed one for its time', async () => {
    await begin(planned('later', 0, { when: 'delayed', startIn: 60 }))
    expect(await whole()).toBe('scheduled')
    const at = (time: number) => change((transaction) => startDueJobs(transaction, time))
    expect(await at(now + 59_000)).toBe(0)
    expect(await at(now + 60_000)).toBe(1)
    expect([await statuses(), await whole()]).toEqual([['later pending'], 'pending'])
  })
})

describe('a new pipeline', () => {
  test('has the next number of its project, and keeps what it was given under seal', async () => {
    const given = [{ key: 'WORD', value: 'hush', type: 'env_var' as const }]
    const first = await makePipeline(place.store, { project, user: user.id }, [planned('a')], given)
    const second = await makePipeline(place.store, { project, user: user.id }, [planned('a')])
    expect(second.iid).toBe(first.iid + 1)
    const [kept] = await pipelineVariablesOf(place.store.read, first.id)
    expect(kept?.sealed).not.toContain('hush')
    const opened = kept && Secret.open(sealer.open(kept.sealed, placeOfPipelineVariable(kept.id)))
    expect(opened).toBe('hush')
  })
})
