import type { PlannedJob } from '../../../../src/ci/plan.ts'
import type { JobId, ProjectId } from '../../../../src/core/ids.ts'
import { findJob, type JobRow } from '../../../../src/store/ci/jobs.ts'
import { makePipeline, planned } from '../../../store/ci/planned.ts'
import { startWorld, type World } from '../world.ts'

/** A world whose repositories hold no commit that anyone may read. */
export const startJobs = async (): Promise<World> => {
  const world = await startWorld()
  Object.assign(world.parts.code.engine, { ask: async () => ({ kind: 'answered', result: [] }) })
  return world
}

export interface TakenJob {
  readonly id: JobId
  readonly token: string
}

export const newRunner = async (world: World, fields: Record<string, unknown>): Promise<{ id: number; token: string }> => {
  const asked = { token: world.token('root'), json: { runner_type: 'instance_type', ...fields } }
  return (await world.ask<{ id: number; token: string }>('POST', '/user/runners', asked)).body
}

/** A pipeline of jobs that wait for a runner, all made by the Developer unless another is named. */
export const waitingJobs = async (
  world: World,
  project: number,
  jobs: readonly PlannedJob[] = [planned('test')],
  user = world.people.developer.id,
): Promise<readonly JobRow[]> => {
  const pipeline = await makePipeline(world.store, { project: project as ProjectId, user }, jobs)
  return world.store.read.selectFrom('jobs').selectAll().where('pipeline_id', '=', pipeline.id).orderBy('id').execute()
}

export const requestJob = (world: World, token: string, more: Record<string, unknown> = {}) =>
  world.ask<TakenJob>('POST', '/jobs/request', { json: { token, system_id: 's_0123456789ab', ...more } })

export const takeJob = async (world: World, runner: string): Promise<TakenJob> => {
  const reply = await requestJob(world, runner)
  if (reply.status !== 201) throw new Error(`no job: ${reply.status} ${JSON.stringify(reply.body)}`)
  return reply.body
}

export const rowOf = async (world: World, id: number): Promise<JobRow> => {
  const row = await findJob(world.store.read, id as JobId)
  if (row === undefined) throw new Error('the job is gone')
  return row
}

/** Answers that are no JSON, and bodies that are none. */
export const plain = async (
  world: World,
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | Buffer<ArrayBuffer> | FormData } = {},
): Promise<{ status: number; headers: Headers; text: string }> => {
  const reply = await fetch(`${world.url}/api/v4${path}`, { method, headers, ...(body !== undefined && { body }) })
  return { status: reply.status, headers: reply.headers, text: await reply.text() }
}
