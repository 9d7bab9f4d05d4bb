import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('home')
})
afterAll(() => world.close())

const put = (json: Record<string, unknown>, who: Who = 'maintainer') =>
  world.ask('PUT', `/projects/${project}`, { token: world.token(who), json })

const standard = {
  jobs_enabled: true,
  builds_access_level: 'enabled',
  public_jobs: true,
  shared_runners_enabled: true,
  group_runners_enabled: true,
  ci_config_path: null,
  build_timeout: 3600,
  ci_default_git_depth: 20,
  ci_push_repository_for_job_token_allowed: false,
}

test('a project begins with the standard values, and shows those that it was given', async () => {
  expect((await world.ask('GET', `/projects/${project}`, { token: world.token('guest') })).body).toMatchObject(standard)
  const change = {
    public_jobs: false,
    shared_runners_enabled: false,
    group_runners_enabled: false,
    ci_config_path: 'ci/main.yml',
    build_timeout: 600,
    ci_default_git_depth: 0,
    ci_push_repository_for_job_token_allowed: true,
  }
  expect(await put(change)).toMatchObject({ status: 200, body: { ...standard, ...change } })
  expect((await put({ description: 'else' })).body).toMatchObject({ ...standard, ...change })
  const listed = await world.ask<Record<string, unknown>[]>('GET', '/projects', { token: world.token('maintainer') })
  expect(listed.body[0]).toMatchObject({ ...standard, ...change })
})

test('older names say the same', async () => {
  expect((await put({ public_builds: true })).body).toMatchObject({ public_jobs: true })
  expect((await put({ jobs_enabled: false })).body).toMatchObject({ jobs_enabled: false, builds_access_level: 'disabled' })
  expect((await put({ builds_access_level: 'enabled' })).body).toMatchObject({ jobs_enabled: true })
  expect((await put({ ci_config_path: '' })).body).toMatchObject({ ci_config_path: null })
})

test.each([
  [{ build_timeout: 599 }, { build_timeout: ['needs to be between 10 minutes and 1 month'] }],
  [{ build_timeout: 2_629_746 }, { build_timeout: ['needs to be between 10 minutes and 1 month'] }],
  [{ ci_default_git_depth: 1001 }, { 'ci_cd_settings.default_git_depth': ['must be between 0 and 1000'] }],
  [{ ci_default_git_depth: -1 }, { 'ci_cd_settings.default_git_depth': ['must be between 0 and 1000'] }],
  [{ ci_config_path: '/etc/passwd' }, { ci_config_path: ['cannot include leading slash or directory traversal.'] }],
  [{ ci_config_path: 'a/../../b' }, { ci_config_path: ['cannot include leading slash or directory traversal.'] }],
])('%j is refused, and changes nothing', async (json, message) => {
  const before = (await world.ask('GET', `/projects/${project}`, { token: world.token('owner') })).body
  expect(await put({ ...json, description: 'changed' })).toMatchObject({ status: 400, body: { message } })
  expect((await world.ask('GET', `/projects/${project}`, { token: world.token('owner') })).body).toEqual(before)
})

test.each([{ jobs_enabled: 'perhaps' }, { builds_access_level: 'private' }, { build_timeout: 'long' }])(
  '%j is no value',
  async (json) => {
    expect(await put(json)).toMatchObject({ status: 400, body: { error: expect.any(String) } })
  },
)

test('a Developer changes none, and each change is in the audit', async () => {
  expect((await put({ ci_push_repository_for_job_token_allowed: false }, 'developer')).status).toBe(403)
  await put({ ci_push_repository_for_job_token_allowed: false })
  await world.parts.activity.trail.settled()
  const rows = await world.store.activity.selectFrom('audit_events').select(['name']).orderBy('id').execute()
  expect(rows.at(-1)?.name).toBe('project_ci_push_repository_for_job_token_allowed_updated')
})
