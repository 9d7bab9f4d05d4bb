import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobId, ProjectId } from '../../../src/core/ids.ts'
import type { User } from '../../../src/core/principal.ts'
import { findArtifact, keepArtifact } from '../../../src/store/ci/artifacts.ts'
import { JobFiles, type Upload } from '../../../src/store/ci/job-files.ts'
import { findJob, type JobRow, jobsOf } from '../../../src/store/ci/jobs.ts'
import { claimJob } from '../../../src/store/ci/queue.ts'
import { createRunner, type RunnerRow } from '../../../src/store/ci/runners.ts'
import { JobSweep, longestPending, longestSilence, removeOrphans } from '../../../src/store/ci/sweep.ts'
import { now, type TemporaryStore, temporaryStore } from '../temporary-store.ts'
import { makePipeline, planned, projectOf } from './planned.ts'

let place: TemporaryStore
let user: User
let project: ProjectId
let runner: RunnerRow
let home: string
let steady = 0

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sallyport-jobs-'))
  place = await temporaryStore()
  user = await place.user('ada')
  project = await projectOf(place.store, user.id)
  const fields = { description: '', maintenance_note: null, paused: 0, locked: 0, run_untagged: 1 } as const
  const made = await place.store.write.transaction().execute((transaction) =>
    createRunner(
      transaction,
      {
        ...fields,
        access_level: 'not_protected',
        maximum_timeout: null,
        tags: [],
        home: { type: 'instance_type' },
        creator: null,
        registration: 'user',
        digest: 'd',
      },
      now,
    ),
  )
  if (made === undefined) throw new Error('no runner')
  runner = made
})
afterAll(async () => {
  await place.close()
  await rm(home, { recursive: true, force: true })
})

const waiting = async (): Promise<JobRow> => {
  const { id } = await makePipeline(place.store, { project, user: user.id }, [planned('test')])
  return jobsOf(place.store.read, id).executeTakeFirstOrThrow()
}

const running = async (): Promise<JobId> => {
  await waiting()
  const claimed = await claimJob(place.store, runner, 's_1', now)
  if (claimed === undefined) throw new Error('no job')
  return claimed.job.id
}

const hour = 3_600_000
const stateOf = async (id: JobId) => {
  const job = await findJob(place.store.read, id)
  return [job?.status, job?.failure_reason]
}

let sweep: JobSweep
beforeEach(async () => {
  await place.store.write.deleteFrom('jobs').execute()
  steady = 1000
  sweep = new JobSweep(place.store, () => steady)
})

const hear = (id: JobId, at: number) =>
  place.store.write
    .updateTable('jobs')
    .set({ heard_at: new Date(at).toISOString() })
    .where('id', '=', id)
    .execute()

describe('a sweep', () => {
  it('ends what ran too long, not before', async () => {
    const id = await running()
    await hear(id, now + hour)
    await sweep.run(now + hour - 1)
    expect(await stateOf(id)).toEqual(['running', null])
    await sweep.run(now + hour)
    expect(await stateOf(id)).toEqual(['failed', 'job_execution_timeout'])
  })

  it('ends what nobody speaks for', async () => {
    const id = await running()
    await sweep.run(now + longestSilence - 1)
    expect(await stateOf(id)).toEqual(['running', null])
    await sweep.run(now + longestSilence)
    expect(await stateOf(id)).toEqual(['failed', 'stuck_or_timeout_failure'])
  })

  it('ends the others where one cannot be ended', async () => {
    const [broken, sound] = [await running(), await running()]
    await place.store.write.updateTable('jobs').set({ allow_failure: 'broken' }).where('id', '=', broken).execute()
    await expect(sweep.run(now + hour)).rejects.toThrow('1 jobs could not be ended')
    expect([(await stateOf(broken))[0], (await stateOf(sound))[0]]).toEqual(['running', 'failed'])
  })

  it('ends what nobody takes', async () => {
    const { id } = await waiting()
    await sweep.run(now + longestPending - 1)
    expect(await stateOf(id)).toEqual(['pending', null])
    await sweep.run(now + longestPending)
    expect(await stateOf(id)).toEqual(['failed', 'stuck_or_timeout_failure'])
  })

  it('ends in time what runs while the clock is set back', async () => {
    const id = await running()
    await sweep.run(now)
    steady += hour - 1
    await sweep.run(now - 5 * hour)
    expect(await stateOf(id)).toEqual(['running', null])
    steady += 1
    await sweep.run(now - 5 * hour)
    expect(await stateOf(id)).toEqual(['failed', 'job_execution_timeout'])
  })

  it('leaves what was to be canceled canceled', async () => {
    const id = await running()
    await place.store.write.updateTable('jobs').set({ status: 'canceling' }).where('id', '=', id).execute()
    await sweep.run(now + hour)
    expect((await stateOf(id))[0]).toBe('canceled')
  })
})

describe('files', () => {
  it('that are just being kept stay', async () => {
    const files = new JobFiles(home)
    const id = await running()
    const job = await findJob(place.store.read, id)
    if (job === undefined) throw new Error('the job is gone')
    const upload = await files.beginUpload(id)
    await upload.finish()
    let sweeping: Promise<void> | undefined
    const watched: Upload = {
      ...upload,
      async place(artifact) {
        await upload.place(artifact)
        sweeping = removeOrphans(place.store, files, Date.now(), new AbortController().signal)
        await new Promise((resolve) => setTimeout(resolve, 200))
      },
    }
    const fields = { file_type: 'archive', file_format: 'zip', filename: 'a', size: 0, sha256: '', expires_at: null }
    expect(await keepArtifact(place.store, job, fields, watched, now)).toBe('kept')
    await sweeping
    const kept = await findArtifact(place.store.read, id, 'archive', now)
    const file = await files.readArtifact(id, kept?.id ?? 0)
    expect(file).toBeDefined()
    await file?.close()
    await files.removeArtifact(id, kept?.id ?? 0)
  })

  it('of jobs that are gone are removed, and those of others stay', async () => {
    const files = new JobFiles(home)
    const { id } = await waiting()
    const gone = (id + 1000) as JobId
    for (const job of [id, gone]) await (await files.openTrace(job)).close()
    const upload = await files.beginUpload(id)
    await upload.finish()
    const names = async () => (await readdir(home, { recursive: true })).filter((name) => name.includes('.')).length
    await removeOrphans(place.store, files, Date.now(), new AbortController().signal)
    expect([await names(), await files.readTrace(gone)]).toEqual([2, undefined])
    await removeOrphans(place.store, files, Date.now() + 25 * hour, new AbortController().signal)
    expect(await names()).toBe(1)
    await (await files.readTrace(id))?.close()
  })
})
