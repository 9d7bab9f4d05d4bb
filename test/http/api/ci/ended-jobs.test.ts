import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId, ProjectId } from '../../../../src/core/ids.ts'
import { finishJob } from '../../../../src/store/ci/finish.ts'
import { JobSweep } from '../../../../src/store/ci/sweep.ts'
import { today } from '../api-server.ts'
import type { World } from '../world.ts'
import { newRunner, rowOf, startJobs, type TakenJob, takeJob, waitingJobs } from './job-stage.ts'

let world: World
let project: ProjectId
let runner: string

beforeAll(async () => {
  world = await startJobs()
  project = (await world.project('ended')) as ProjectId
  runner = (await newRunner(world, { runner_type: 'project_type', project_id: project })).token
})
afterAll(() => world.close())

const trigger = (token: string) => world.ask('POST', `/projects/${project}/trigger/pipeline`, { json: { token, ref: 'main' } })

const asOwner = async (job: TakenJob, verb: string): Promise<void> => {
  const { status } = await world.ask('POST', `/projects/${project}/jobs/${job.id}/${verb}`, { token: world.token('owner') })
  expect(status).toBe(201)
}

const finish = (job: TakenJob): Promise<boolean> =>
  world.store.write.transaction().execute((transaction) => finishJob(transaction, job.id as JobId, { status: 'failed' }, today))

const endings: readonly (readonly [string, (job: TakenJob) => Promise<unknown>])[] = [
  ['ended', finish],
  ['was canceled', (job) => asOwner(job, 'cancel')],
  ['was erased', async (job) => [await finish(job), await asOwner(job, 'erase')]],
  ['ran out of time', () => new JobSweep(world.store, () => 0).run(today + 100 * 3_600_000)],
  ['runs again', async (job) => [await finish(job), await asOwner(job, 'retry')]],
]

describe('by the token of a job no pipeline is made', () => {
  test.each(endings)('once it %s: it is told that the job does not run', async (_, end) => {
    await waitingJobs(world, project)
    const job = await takeJob(world, runner)
    await end(job)
    expect(await trigger(job.token)).toMatchObject({ status: 401, body: { message: 'Job is not running' } })
    expect(world.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'job_not_running' })
    expect(await world.ask('GET', '/job', { headers: { 'JOB-TOKEN': job.token } })).toMatchObject({ status: 401 })
    expect((await rowOf(world, job.id)).token_digest).not.toBeNull()
  })

  test('where there is no such job', async () => {
    expect(await trigger(`glcbt-64_${'x'.repeat(20)}`)).toMatchObject({ status: 404, body: { message: '404 Not Found' } })
  })
})
