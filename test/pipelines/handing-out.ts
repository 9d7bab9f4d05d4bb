import { Readable } from 'node:stream'
import type { PlannedJob } from '../../src/ci/plan.ts'
import type { JobId, ProjectId, RunnerId, UserId } from '../../src/core/ids.ts'
import { jobPayload } from '../../src/pipelines/payload.ts'
import type { MadePayload } from '../../src/pipelines/payload-request.ts'
import type { PayloadVariable } from '../../src/pipelines/payload-shape.ts'
import { insertPipeline, type NewPipeline } from '../../src/store/ci/pipelines.ts'
import { claimJob } from '../../src/store/ci/queue.ts'
import { createRunner } from '../../src/store/ci/runners.ts'
import { makeToken } from '../../src/tokens/make.ts'
import { today } from '../http/api/api-server.ts'
import { startWorld, type World } from '../http/api/world.ts'

export const sha = 'c0ffee'.padEnd(40, '0')

const commitText = [
  `tree ${'1'.repeat(40)}`,
  'author Ada <ada@example.org> 1700000000 +0100',
  'committer Ada <ada@example.org> 1700000000 +0100',
  '',
  'Say $CI_JOB_TOKEN\n\nAnd more words\n',
].join('\n')

/** Git, as far as payloads ask it: every object is this commit. */
const answerWith = (text: string): World['parts']['code']['engine'] => ({
  async ask(_admission, _inquiry, read) {
    const output = Readable.from([Buffer.from(`${sha} commit ${Buffer.byteLength(text)}\n${text}\n`)])
    return { kind: 'answered', result: await read(output) }
  },
  changeRefs: () => Promise.reject(new Error('nothing is changed here')),
})

export interface HandedOut extends MadePayload {
  /** By key. */
  readonly variables: ReadonlyMap<string, PayloadVariable>
  value(key: string): string | undefined
}

export interface Scene {
  readonly world: World
  readonly project: ProjectId
  readonly user: UserId
  /** Makes a pipeline with these jobs and hands its first one out. */
  handOut(jobs: readonly PlannedJob[], fields?: Partial<NewPipeline>): Promise<HandedOut>
  /** Hands the next job out. */
  next(): Promise<HandedOut>
  finish(name: string, archive: boolean): Promise<JobId>
}

const pipelineOf = (project: ProjectId, user: UserId): NewPipeline => ({
  project,
  user,
  ref: 'main',
  tag: false,
  sha,
  beforeSha: '0'.repeat(40),
  source: 'push',
  triggerId: null,
  variables: [],
  protected: false,
  timeout: 3600,
})

const addRunner = async ({ store }: World): Promise<RunnerId> => {
  const fields = { description: 'a runner', maintenance_note: null, paused: 0, locked: 0, run_untagged: 1 } as const
  const more = { access_level: 'not_protected', maximum_timeout: 600, tags: ['fast'] } as const
  const runner = { ...fields, ...more, home: { type: 'instance_type' }, creator: null, registration: 'user' } as const
  const row = await store.write
    .transaction()
    .execute((transaction) => createRunner(transaction, { ...runner, digest: makeToken('glrt-').digest }, today))
  if (row === undefined) throw new Error('no runner')
  return row.id
}

/** A project `team/app`, a runner, and jobs that are handed to it. */
export const startScene = async (settings: { registry?: string } = {}): Promise<Scene> => {
  const world = await startWorld()
  const project = (await world.project('app')) as ProjectId
  const user = world.people.developer.id
  const runner = await addRunner(world)
  const parts = {
    ...world.parts,
    settings: { ...world.parts.settings, sshPublic: 'git.example.org:2222', ...settings },
    code: { ...world.parts.code, engine: answerWith(commitText) },
  }
  const next = async (): Promise<HandedOut> => {
    const claimed = await claimJob(world.store, { id: runner }, 's_1', today + 5_000)
    if (claimed === undefined) throw new Error('no job')
    const made = await jobPayload(parts, claimed)
    const variables = new Map(made.payload.variables.map((variable) => [variable.key, variable]))
    return { ...made, variables, value: (key) => variables.get(key)?.value }
  }
  return {
    world,
    project,
    user,
    next,
    async handOut(jobs, fields = {}) {
      const plan = { stages: jobs.map(({ stage }) => stage), jobs, name: undefined, warnings: [] }
      const pipeline = { ...pipelineOf(project, user), ...fields }
      await world.store.write
        .transaction()
        .execute((transaction) => insertPipeline(transaction, pipeline, { kind: 'plan', plan }, world.parts.sealer, today))
      return next()
    },
    async finish(name, archive) {
      const job = await world.store.write
        .updateTable('jobs')
        .set({ status: 'success' })
        .where('name', '=', name)
        .where('status', '=', 'running')
        .returning('id')
        .executeTakeFirstOrThrow()
      const file = { file_type: 'archive', file_format: 'zip', filename: 'artifacts.zip', size: 12, sha256: '0' }
      const row = { ...file, job_id: job.id, expires_at: null, created_at: new Date(today).toISOString() }
      if (archive) await world.store.write.insertInto('job_artifacts').values(row).execute()
      return job.id
    },
  }
}
