import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../world.ts'

interface Token {
  readonly id: number
  readonly token: string
  readonly token_expires_at: string | null
}

let world: World
let project: number
let second: number

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('app')
  second = await world.project('lib')
})
afterAll(() => world.close())

const make = async (json: Record<string, unknown>, who: Parameters<World['token']>[0] = 'root') =>
  world.ask<Token>('POST', '/user/runners', { token: world.token(who), json })

const newRunner = async (fields: Record<string, unknown> = {}) =>
  (await make({ runner_type: 'project_type', project_id: project, ...fields })).body

const verify = (token: string) => world.ask('POST', '/runners/verify', { json: { token, system_id: 's_0123456789ab' } })

describe('a runner is made', () => {
  it.each([
    ['instance_type', 'root', 201],
    ['instance_type', 'owner', 403],
    ['group_type', 'owner', 201],
    ['group_type', 'maintainer', 403],
    ['project_type', 'maintainer', 201],
    ['project_type', 'developer', 403],
    ['project_type', 'stranger', 400],
    ['group_type', 'stranger', 400],
  ] as const)('%s by %s: %i', async (runner_type, who, status) => {
    const made = await make({ runner_type, group_id: world.group, project_id: project }, who)
    expect(made.status).toBe(status)
    if (status === 201)
      expect(made.body).toEqual({ id: made.body.id, token: expect.stringMatching(/^glrt-.{20}$/), token_expires_at: null })
  })

  it('by a token that can do nothing else', async () => {
    const { token } = await world.addToken(world.people.maintainer.id, { scopes: ['create_runner'] })
    const json = { runner_type: 'project_type', project_id: project }
    expect((await world.ask('POST', '/user/runners', { token, json })).status).toBe(201)
    expect((await world.ask('GET', '/runners', { token })).status).toBe(403)
  })

  it.each([
    [{ run_untagged: false }, '400 Bad request - Tags list can not be empty when runner is not allowed to pick untagged jobs'],
    [{ maximum_timeout: 599 }, '400 Bad request - Maximum timeout needs to be at least 10 minutes'],
  ])('but not so: %j', async (fields, message) => {
    const reply = await make({ runner_type: 'project_type', project_id: project, ...fields })
    expect([reply.status, reply.body]).toEqual([400, { message }])
  })
})

describe('a runner speaks by its token', () => {
  it('which is shown to be good, as body and as header', async () => {
    const { id, token } = await newRunner()
    expect((await verify(token)).body).toEqual({ id, token, token_expires_at: null })
    expect((await world.ask('POST', '/runners/verify', { headers: { 'RUNNER-TOKEN': token }, json: {} })).body).toMatchObject({
      id,
    })
  })

  it.each([
    [{}, 400],
    [{ token: 'glrt-wrongwrongwrongwrong' }, 403],
    [{ token: '' }, 400],
  ])('%j: %i', async (json, status) => {
    expect((await world.ask('POST', '/runners/verify', { json })).status).toBe(status)
  })

  it('and by no header where the body holds another', async () => {
    const { token } = await newRunner()
    const json = { token: 'glrt-wrongwrongwrongwrong' }
    expect((await world.ask('POST', '/runners/verify', { headers: { 'RUNNER-TOKEN': token }, json })).status).toBe(403)
  })

  it('until that has expired', async () => {
    const { id, token } = await newRunner()
    const past = new Date(world.parts.clock()).toISOString()
    await world.store.write
      .updateTable('runners')
      .set({ token_expires_at: past })
      .where('id', '=', id as never)
      .execute()
    expect((await verify(token)).status).toBe(403)
  })

  it('until it has another', async () => {
    const { token } = await newRunner()
    const reset = await world.ask<Token>('POST', '/runners/reset_authentication_token', { json: { token } })
    expect([reset.status, reset.body]).toEqual([201, { token: expect.stringMatching(/^glrt-/), token_expires_at: null }])
    expect((await verify(token)).status).toBe(403)
    expect((await verify(reset.body.token)).status).toBe(200)
  })

  it('until it unregisters', async () => {
    const { token } = await newRunner()
    expect((await world.ask('DELETE', '/runners/managers', { json: { token, system_id: 's_1' } })).status).toBe(204)
    expect((await world.ask('DELETE', '/runners', { json: { token } })).status).toBe(204)
    expect((await world.ask('DELETE', '/runners', { json: { token } })).status).toBe(403)
  })

  it('and is nobody on routes of users', async () => {
    const { token } = await newRunner()
    for (const path of ['/user', '/runners', `/projects/${project}`]) {
      expect((await world.ask('GET', path, { token })).status).toBe(401)
    }
  })
})

describe('a registration token', () => {
  const reset = (path: string) =>
    world.ask<Token>('POST', `${path}/runners/reset_registration_token`, { token: world.token('root') })
  const register = (token: string, fields = {}) => world.ask<Token>('POST', '/runners', { json: { token, ...fields } })

  it.each([
    ['', 'instance_type'],
    ['group', 'group_type'],
    ['project', 'project_type'],
  ])('of %s registers', async (place, type) => {
    const path = place === 'group' ? `/groups/${world.group}` : place === 'project' ? `/projects/${project}` : ''
    const { token } = (await reset(path)).body
    expect(token).toMatch(/^GR1348941.{20}$/)
    const made = await register(token, { description: 'old', tag_list: 'a,b', info: { version: '15' } })
    expect([made.status, made.body.token]).toEqual([201, expect.stringMatching(/^glrtr-/)])
    const shown = await world.ask('GET', `/runners/${made.body.id}`, { token: world.token('root') })
    expect(shown.body).toMatchObject({ runner_type: type, description: 'old', tag_list: ['a', 'b'] })
    await reset(path)
    const late = await register(token)
    expect([late.status, late.body]).toEqual([403, { message: '403 Forbidden - invalid token supplied' }])
  })

  it('can be switched off', async () => {
    const { token } = (await reset('')).body
    const set = (allow_runner_registration_token: boolean) =>
      world.ask('PUT', '/application/settings', { token: world.token('root'), json: { allow_runner_registration_token } })
    await set(false)
    expect((await register(token)).status).toBe(410)
    await set(true)
    expect((await register(token)).status).toBe(201)
  })
})

describe('runners are shown and changed', () => {
  it('with state and machines', async () => {
    const { id, token } = await newRunner()
    const show = () => world.ask('GET', `/runners/${id}`, { token: world.token('maintainer') })
    expect((await show()).body).toMatchObject({ status: 'never_contacted', online: null, job_execution_status: 'idle' })
    await world.ask('POST', '/runners/verify', {
      json: { token, system_id: 's_a', info: { version: '19.4.0', platform: 'linux' } },
    })
    expect((await show()).body).toMatchObject({ status: 'online', online: true, version: '19.4.0' })
    const managers = await world.ask<unknown[]>('GET', `/runners/${id}/managers`, { token: world.token('maintainer') })
    expect(managers.body).toMatchObject([{ system_id: 's_a', status: 'online', platform: 'linux' }])
    const now = world.parts.clock()
    world.moveClock(now + 3 * 3_600_000)
    expect((await show()).body).toMatchObject({ status: 'offline', online: false })
    world.moveClock(now + 8 * 86_400_000)
    expect((await show()).body).toMatchObject({ status: 'stale' })
    world.moveClock(now)
    const put = await world.ask('PUT', `/runners/${id}`, {
      token: world.token('maintainer'),
      json: { paused: true, tag_list: 'x' },
    })
    expect(put.body).toMatchObject({ paused: true, active: false, status: 'paused', tag_list: ['x'] })
  })

  it('in lists, by type, state and tags', async () => {
    const { id } = await newRunner({ tag_list: 'rare,docker', paused: true })
    const ids = async (path: string, who: 'root' | 'maintainer' | 'developer') => {
      const { body } = await world.ask<{ id: number }[]>('GET', path, { token: world.token(who) })
      return body.map((runner) => runner.id)
    }
    expect(await ids('/runners?tag_list=rare', 'maintainer')).toEqual([id])
    expect(await ids('/runners/all?tag_list=rare,docker&paused=true&type=project_type', 'root')).toEqual([id])
    expect(await ids('/runners?tag_list=rare&status=online', 'maintainer')).toEqual([])
    expect(await ids(`/projects/${project}/runners?tag_list=rare`, 'maintainer')).toEqual([id])
    expect(await ids(`/projects/${second}/runners?tag_list=rare`, 'maintainer')).toEqual([])
    expect(await ids(`/groups/${world.group}/runners?tag_list=rare`, 'maintainer')).toEqual([])
    expect(await ids('/runners', 'developer')).toEqual([])
  })

  it('and given to other projects, and taken from them', async () => {
    const { id } = await newRunner()
    const token = world.token('maintainer')
    const give = () => world.ask('POST', `/projects/${second}/runners`, { token, json: { runner_id: id } })
    const take = (from: number) => world.ask('DELETE', `/projects/${from}/runners/${id}`, { token })
    expect((await take(project)).status).toBe(403)
    expect((await give()).status).toBe(201)
    expect((await give()).status).toBe(400)
    expect((await world.ask('DELETE', `/runners/${id}`, { token })).status).toBe(403)
    expect((await take(project)).status).toBe(403)
    expect((await take(second)).status).toBe(204)
    await world.ask('PUT', `/runners/${id}`, { token, json: { locked: true } })
    expect(await give()).toMatchObject({ status: 403, body: { message: '403 Forbidden - Runner is locked' } })
    expect((await world.ask('DELETE', `/runners/${id}`, { token })).status).toBe(204)
  })
})

it("a token that was found is known to be a runner's, and ended", async () => {
  const { id, token } = await newRunner()
  const admin = (method: string) => world.ask(method, '/admin/token', { token: world.token('root'), json: { token } })
  expect((await admin('POST')).body).toMatchObject({ id, runner_type: 'project_type' })
  expect((await admin('DELETE')).status).toBe(204)
  expect((await verify(token)).status).toBe(403)
})
