import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobId, ProjectId } from '../../../../src/core/ids.ts'
import { removeExpired } from '../../../../src/store/ci/artifacts.ts'
import { finishJob } from '../../../../src/store/ci/finish.ts'
import { writeCiSettings } from '../../../../src/store/ci/settings.ts'
import { planned } from '../../../store/ci/planned.ts'
import type { World } from '../world.ts'
import { newRunner, plain, requestJob, rowOf, startJobs, type TakenJob, takeJob, waitingJobs } from './job-stage.ts'

let world: World
let project: number
let runner: { id: number; token: string }
let job: TakenJob

beforeAll(async () => {
  world = await startJobs()
  runner = await newRunner(world, {})
})
afterAll(() => world.close())

let count = 0
beforeEach(async () => {
  count += 1
  project = await world.project(`app${count}`)
  await waitingJobs(world, project)
  job = await takeJob(world, runner.token)
})

const bytes = Buffer.from('PK\u0003\u0004 not really\r\n--a zip')

const formOf = (content: Buffer<ArrayBuffer> = bytes, filename = 'artifacts.zip'): FormData => {
  const form = new FormData()
  form.append('note', 'before')
  form.append('file', new Blob([content]), filename)
  return form
}

const upload = (query = '', body: FormData | string = formOf(), headers: Record<string, string> = {}) =>
  plain(world, 'POST', `/jobs/${job.id}/artifacts${query}`, { headers: { 'JOB-TOKEN': job.token, ...headers }, body })

const download = (path = `/projects/${project}/jobs/${job.id}/artifacts`, who: 'reporter' | 'stranger' = 'reporter') =>
  plain(world, 'GET', path, { headers: { 'PRIVATE-TOKEN': world.token(who) ?? '' } })

const onDisk = async (): Promise<string[]> =>
  (await readdir(join(world.home, 'jobs'), { recursive: true })).filter((name) => name.includes(`/${job.id}.`))

const root = () => world.token('root')
const developer = (verb: string) => world.ask('POST', `/users/${world.people.developer.id}/${verb}`, { token: root() })
const member = (method: string, access_level?: number) => {
  const { id } = world.people.developer
  const path = method === 'POST' ? '/groups/team/members' : `/groups/team/members/${id}`
  return world.ask(method, path, { token: root(), json: { user_id: id, access_level } })
}
const settings = (change: Parameters<typeof writeCiSettings>[2]) =>
  world.store.write.transaction().execute((transaction) => writeCiSettings(transaction, project as ProjectId, change))

describe('a job leaves a file', () => {
  it('which people and later jobs get', async () => {
    expect(await upload('?artifact_type=archive&artifact_format=zip&expire_in=1%20week')).toMatchObject({
      status: 201,
      text: '201',
    })
    const got = await download()
    expect([got.status, got.text]).toEqual([200, bytes.toString()])
    expect(got.headers.get('content-disposition')).toContain("filename*=UTF-8''artifacts.zip")
    await waitingJobs(world, project, [planned('later')])
    const later = await takeJob(world, runner.token)
    const byJob = (token: string) => plain(world, 'GET', `/jobs/${job.id}/artifacts`, { headers: { 'JOB-TOKEN': token } })
    expect((await byJob(later.token)).text).toBe(bytes.toString())
    const shown = await world.ask('GET', `/projects/${project}/jobs/${job.id}`, { token: world.token('reporter') })
    expect(shown.body).toMatchObject({ artifacts_file: { filename: 'artifacts.zip', size: bytes.length } })
  })

  it('which no job of another project gets, and no stranger', async () => {
    await upload()
    await waitingJobs(world, await world.project(`far${count}`))
    const far = await takeJob(world, runner.token)
    expect((await plain(world, 'GET', `/jobs/${job.id}/artifacts`, { headers: { 'JOB-TOKEN': far.token } })).status).toBe(403)
    expect((await download(undefined, 'stranger')).status).toBe(404)
  })

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['whose user is blocked', () => developer('block'), () => developer('unblock')],
    ['whose user left', () => member('DELETE'), () => member('POST', 30)],
    ['of a project that has no jobs any more', () => settings({ jobs_enabled: 0 }), () => settings({ jobs_enabled: 1 })],
    [
      'whose user may not look at jobs any more',
      () => Promise.all([settings({ public_jobs: 0 }), member('PUT', 10)]),
      () => member('PUT', 30),
    ],
  ])('which no job gets %s', async (_what, close, open) => {
    await upload()
    const byJob = async () =>
      (await plain(world, 'GET', `/jobs/${job.id}/artifacts`, { headers: { 'JOB-TOKEN': job.token } })).status
    await close()
    const refused = await byJob()
    await open()
    expect([refused, await byJob()]).toEqual([403, 200])
  })

  it('until it expires, unless somebody keeps it', async () => {
    await upload('?expire_in=1h')
    const now = world.parts.clock()
    world.moveClock(now + 3_600_000)
    expect((await download()).status).toBe(404)
    world.moveClock(now)
    await world.ask('POST', `/projects/${project}/jobs/${job.id}/artifacts/keep`, { token: world.token('developer') })
    world.moveClock(now + 3_600_000)
    expect((await download()).status).toBe(200)
    world.moveClock(now)
  })

  it('until somebody removes it', async () => {
    await upload()
    const remove = (who: 'developer' | 'maintainer') =>
      world.ask('DELETE', `/projects/${project}/jobs/${job.id}/artifacts`, { token: world.token(who) })
    expect((await remove('developer')).status).toBe(403)
    expect((await remove('maintainer')).status).toBe(204)
    expect((await download()).status).toBe(404)
    expect(await onDisk()).toEqual([])
  })

  it('found by its branch once all has succeeded', async () => {
    await upload()
    const latest = () => download(`/projects/${project}/jobs/artifacts/main/download?job=test`)
    expect((await latest()).status).toBe(404)
    await world.store.write
      .transaction()
      .execute((transaction) => finishJob(transaction, job.id, { status: 'success' }, world.parts.clock()))
    expect((await latest()).text).toBe(bytes.toString())
  })

  it.each([
    ['\u009b31mred\u202egnp.zip', '_31mred_gnp.zip'],
    [`${'a'.repeat(254)}\u{1f600}.zip`, 'a'.repeat(254)],
    ['..', 'artifacts'],
    ['../../etc/passwd', 'passwd'],
  ])('named %j, and kept as %j', async (given, kept) => {
    expect((await upload('', formOf(bytes, given))).status).toBe(201)
    const shown = await world.ask<{ artifacts_file: object }>('GET', `/projects/${project}/jobs/${job.id}`, {
      token: world.token('reporter'),
    })
    expect(shown.body.artifacts_file).toMatchObject({ filename: kept })
    const got = await download()
    expect([got.status, got.headers.get('content-disposition')]).toEqual([200, expect.stringContaining(`''${kept}`)])
  })

  it('once: the same again is no mistake, another is', async () => {
    await upload()
    expect((await upload()).status).toBe(201)
    expect((await upload('', formOf(Buffer.from('other')))).status).toBe(400)
    expect((await onDisk()).length).toBe(1)
  })
})

describe('a job that needs a file', () => {
  const erase = async () => {
    const path = `/projects/${project}/jobs/${job.id}/erase`
    expect((await world.ask('POST', path, { token: world.token('owner') })).status).toBe(201)
  }
  const expire = () => void world.moveClock(world.parts.clock() + 3_600_000)
  const sweep = async () => {
    expire()
    await removeExpired(world.store, world.parts.jobs.files, world.parts.clock())
  }

  it.each([
    ['erased', erase],
    ['out of date', expire],
    ['out of date, and swept away', sweep],
  ])('fails where it is %s', async (_what, lose) => {
    const now = world.parts.clock()
    await upload('?expire_in=1h')
    await world.ask('PUT', `/jobs/${job.id}`, { json: { token: job.token, state: 'success' } })
    const [, later] = await waitingJobs(world, project, [planned('test'), planned('later', 1)])
    await world.store.write.updateTable('jobs').set({ pipeline_id: later?.pipeline_id }).where('id', '=', job.id).execute()
    await world.store.write
      .deleteFrom('jobs')
      .where('pipeline_id', '=', later?.pipeline_id ?? null)
      .where('status', '=', 'pending')
      .execute()
    await world.store.write
      .updateTable('jobs')
      .set({ status: 'pending', queued_at: new Date(now).toISOString() })
      .where('id', '=', later?.id ?? null)
      .execute()
    await lose()
    const reply = await requestJob(world, runner.token)
    world.moveClock(now)
    expect(reply.status).toBe(409)
    expect(await rowOf(world, later?.id ?? 0)).toMatchObject({
      status: 'failed',
      failure_reason: 'missing_dependency_failure',
    })
  })
})

describe('a file is not kept', () => {
  it.each([
    ['?artifact_type=junit&artifact_format=zip', undefined, {}, 400],
    ['?artifact_type=moon', undefined, {}, 400],
    ['?expire_in=soon', undefined, {}, 400],
    ['', 'no form', { 'Content-Type': 'multipart/form-data; boundary=x' }, 400],
    [
      '',
      '--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--x--',
      { 'Content-Type': 'multipart/form-data; boundary=x' },
      400,
    ],
    ['', 'x', { 'Content-Type': 'text/plain' }, 400],
    ['', undefined, { 'JOB-TOKEN': 'glcbt-64_aaaaaaaaaaaaaaaaaaaa' }, 403],
  ])('%s %s %j: %i', async (query, body, headers, status) => {
    expect((await upload(query, body ?? formOf(), headers)).status).toBe(status)
    expect(await onDisk()).toEqual([])
  })

  it('that is larger than the instance allows', async () => {
    const set = (max_artifacts_size: number) =>
      world.ask('PUT', '/application/settings', { token: world.token('root'), json: { max_artifacts_size } })
    await set(1)
    const reply = await upload('', formOf(Buffer.alloc(2 ** 20 + 1))).catch(() => ({ status: 413 }))
    const ask = await world.ask('POST', `/jobs/${job.id}/artifacts/authorize`, {
      json: { token: job.token, filesize: 2 ** 20 + 1 },
    })
    await set(100)
    expect([reply.status, ask.status]).toEqual([413, 413])
    expect(await onDisk()).toEqual([])
  })

  it('beside eight others of the job', async () => {
    const { files } = world.parts.jobs
    const others = await Promise.all(Array.from({ length: 8 }, () => files.beginUpload(job.id as JobId)))
    expect((await upload()).status).toBe(503)
    for (const other of others) await other.discard()
    expect((await upload()).status).toBe(201)
    expect((await onDisk()).length).toBe(1)
  })

  it('once the job has ended', async () => {
    await world.ask('PUT', `/jobs/${job.id}`, { json: { token: job.token, state: 'success' } })
    expect((await upload()).status).toBe(403)
  })
})
