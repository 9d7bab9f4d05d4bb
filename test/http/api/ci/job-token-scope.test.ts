import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProjectId } from '../../../../src/core/ids.ts'
import { mostAllowed } from '../../../../src/store/ci/allowlist.ts'
import { startWorld, type World } from '../world.ts'

let world: World
let project: number

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('home')
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(method: string, path: string, json?: unknown) =>
  world.ask<Body>(method, `/projects/${project}/job_token_scope${path}`, { token: world.people.maintainer.token, json })

const names = async () => {
  await world.parts.activity.trail.settled()
  const rows = await world.store.activity.selectFrom('audit_events').select(['name', 'message']).orderBy('id').execute()
  return rows.filter(({ name }) => name.startsWith('secure_ci')).map(({ name, message }) => `${name}: ${message}`)
}

describe('the scope', () => {
  test('is on until it is switched off', async () => {
    expect((await ask('GET', '')).body).toEqual({ inbound_enabled: true, outbound_enabled: false })
    expect((await ask('PATCH', '', { enabled: false })).status).toBe(204)
    expect((await ask('GET', '')).body).toEqual({ inbound_enabled: false, outbound_enabled: false })
    await ask('PATCH', '', { enabled: false })
    await ask('PATCH', '', { enabled: true })
    expect(await names()).toEqual([
      'secure_ci_job_token_inbound_disabled: Secure ci_job_token was disabled for inbound',
      'secure_ci_job_token_inbound_enabled: Secure ci_job_token was enabled for inbound',
    ])
  })

  test.each([
    [{}, 'enabled is missing'],
    [{ enabled: null }, 'enabled is missing'],
    [{ enabled: 'perhaps' }, 'enabled is invalid'],
    [{ enabled: [] }, 'enabled is invalid'],
  ])('%j: %s', async (json, error) => {
    expect(await ask('PATCH', '', json)).toMatchObject({ status: 400, body: { error } })
  })
})

describe('the list of projects', () => {
  test('holds the project itself first, then those that were added', async () => {
    const other = await world.project('other')
    const added = await ask('POST', '/allowlist', { target_project_id: other })
    expect(added).toMatchObject({ status: 201, body: { source_project_id: project, target_project_id: other } })
    const listed = await ask<{ id: number; path_with_namespace: string }[]>('GET', '/allowlist')
    expect(listed.body.map(({ path_with_namespace: path }) => path)).toEqual(['team/home', 'team/other'])
    expect(listed.headers.get('X-Total')).toBe('2')
    expect((await names()).slice(2)).toEqual([
      'secure_ci_job_token_project_added: Project team/other was added to inbound list of allowed projects for team/home',
    ])
  })

  test('takes nothing twice, and not the project itself', async () => {
    const other = await world.project('twice')
    await ask('POST', '/allowlist', { target_project_id: other })
    for (const id of [other, project]) {
      const reply = await ask('POST', '/allowlist', { target_project_id: id })
      expect(reply).toMatchObject({
        status: 400,
        body: { message: '400 Bad request - This project is already in the job token allowlist.' },
      })
    }
  })

  test('takes nothing that the caller does not see', async () => {
    const hidden = await world.ask<{ id: number }>('POST', '/projects', {
      token: world.people.root.token,
      json: { path: 'hidden' },
    })
    const refused = await ask('POST', '/allowlist', { target_project_id: hidden.body.id })
    const absent = await ask('POST', '/allowlist', { target_project_id: 999_999 })
    expect([refused.status, refused.body]).toEqual([404, absent.body])
    expect((await ask('DELETE', `/allowlist/${hidden.body.id}`)).status).toBe(404)
    await world.store.write
      .insertInto('job_token_allowlist')
      .values({
        project_id: project as ProjectId,
        allowed_project_id: hidden.body.id as ProjectId,
        allowed_group_id: null,
        created_by: null,
        created_at: '2026-01-01T00:00:00.000Z',
      })
      .execute()
    expect((await ask('DELETE', `/allowlist/${hidden.body.id}`)).status).toBe(204)
  })

  test('lets go what stands on it, and says what does not', async () => {
    const other = await world.project('gone')
    await ask('POST', '/allowlist', { target_project_id: other })
    expect((await ask('DELETE', `/allowlist/${other}`)).status).toBe(204)
    expect(await ask('DELETE', `/allowlist/${other}`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Target project is not in the job token scope' },
    })
    expect(await ask('DELETE', `/allowlist/${project}`)).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - Source project cannot be removed from the job token scope' },
    })
    expect((await ask('DELETE', '/allowlist/none')).status).toBe(400)
  })

  test('is bounded, together with that of groups', async () => {
    const full = (await world.project('full')) as ProjectId
    const group = await world.ask<{ id: number }>('POST', '/groups', {
      token: world.people.root.token,
      json: { name: 'Many', path: 'many' },
    })
    const made = await Promise.all(Array.from({ length: mostAllowed }, (_, at) => world.project(`many-${at}`)))
    for (const id of made) {
      await world.store.write
        .insertInto('job_token_allowlist')
        .values({
          project_id: full,
          allowed_project_id: id as ProjectId,
          allowed_group_id: null,
          created_by: null,
          created_at: '2026-01-01T00:00:00.000Z',
        })
        .execute()
    }
    const json = { target_group_id: group.body.id }
    const reply = await world.ask('POST', `/projects/${full}/job_token_scope/groups_allowlist`, {
      token: world.people.root.token,
      json,
    })
    expect(reply.status).toBe(400)
    expect(reply.body['message']).toMatch(/exceeds the allowable number of group links/)
  })
})

describe('the list of groups', () => {
  test('takes, lists and lets go', async () => {
    const added = await ask('POST', '/groups_allowlist', { target_group_id: world.group })
    expect(added).toMatchObject({ status: 201, body: { source_project_id: project, target_group_id: world.group } })
    expect((await ask('GET', '/groups_allowlist')).body).toEqual([
      { id: world.group, web_url: 'https://git.example.org/groups/team', name: 'Team' },
    ])
    expect(await ask('POST', '/groups_allowlist', { target_group_id: world.group })).toMatchObject({
      status: 400,
      body: { message: '400 Bad request - This group is already in the job token allowlist.' },
    })
    expect((await ask('DELETE', `/groups_allowlist/${world.group}`)).status).toBe(204)
    expect(await ask('DELETE', `/groups_allowlist/${world.group}`)).toMatchObject({ status: 400 })
    expect((await names()).slice(-2)).toEqual([
      'secure_ci_job_token_group_added: Group team was added to list of allowed groups for team/home',
      'secure_ci_job_token_group_removed: Group team was removed from list of allowed groups for team/home',
    ])
  })
})
