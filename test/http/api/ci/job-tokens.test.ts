import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NamespaceId, ProjectId } from '../../../../src/core/ids.ts'
import { routes } from '../../../../src/http/api/app.ts'
import { allow } from '../../../../src/store/ci/allowlist.ts'
import { finishJob } from '../../../../src/store/ci/finish.ts'
import { writeCiSettings } from '../../../../src/store/ci/settings.ts'
import { today } from '../api-server.ts'
import { startWorld, type Who, type World } from '../world.ts'
import { leaseIn } from './lease-stage.ts'

let world: World
let home: ProjectId
let closed: ProjectId
let open: ProjectId

const branches = (id: ProjectId) => world.refs.set(id, new Map([['refs/heads/main', 'a'.repeat(40)]]))

beforeAll(async () => {
  world = await startWorld()
  home = (await world.project('home')) as ProjectId
  closed = (await world.project('closed')) as ProjectId
  const made = await world.ask<{ id: ProjectId }>('POST', '/projects', {
    token: world.people.root.token,
    json: { path: 'open', visibility: 'public' },
  })
  open = made.body.id
  for (const id of [home, closed, open]) branches(id)
})
afterAll(() => world.close())

const lease = (who: Exclude<Who, 'anonymous'> = 'developer', fields: Partial<Parameters<typeof leaseIn>[1]> = {}) =>
  leaseIn(world.store, { project: home, user: world.people[who].id, ...fields })

const end = (id: Parameters<typeof finishJob>[1]) =>
  world.store.write.transaction().execute((transaction) => finishJob(transaction, id, { status: 'success' }, today))

const byJob = (token: string) => ({ headers: { 'JOB-TOKEN': token } })
const list = (id: number) => `/projects/${id}/repository/branches/main`

describe('where a job token may stand', () => {
  test.each([
    ['JOB-TOKEN', (token: string) => ({ path: '/job', headers: { 'JOB-TOKEN': token } })],
    ['Bearer', (token: string) => ({ path: '/job', headers: { Authorization: `Bearer ${token}` } })],
    ['job_token', (token: string) => ({ path: `/job?job_token=${token}` })],
    ['token', (token: string) => ({ path: `/job?token=${token}` })],
  ] as const)('%s', async (_name, carry) => {
    const { id, token } = await lease()
    const { path, ...rest } = carry(token)
    expect(await world.ask('GET', path, rest)).toMatchObject({ status: 200, body: { id, status: 'running' } })
    const wrong = carry(`${token}x`)
    const { path: wrongPath, ...wrongRest } = wrong
    expect(await world.ask('GET', wrongPath, wrongRest)).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
  })

  test('in the place of an access token it is none', async () => {
    const { token } = await lease()
    expect((await world.ask('GET', '/job', { token })).status).toBe(401)
    expect((await world.ask('GET', '/user', byJob(token))).status).toBe(401)
    expect((await world.ask('GET', '/user', { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401)
  })

  test('an access token beside it goes first', async () => {
    const { token } = await lease()
    const shown = { token: world.people.owner.token, ...byJob(token) }
    expect((await world.ask('GET', '/job', shown)).status).toBe(401)
  })

  test('nobody is acted for by it', async () => {
    const { token } = await lease('root')
    const shown = { headers: { 'JOB-TOKEN': token, Sudo: 'owner' } }
    expect(await world.ask('GET', '/job', shown)).toMatchObject({
      status: 403,
      body: { message: '403 Forbidden - Must be admin to use sudo' },
    })
  })
})

describe('a token is dead', () => {
  const job = async (token: string) => (await world.ask('GET', '/job', byJob(token))).status

  test('when its job has ended', async () => {
    const { id, token } = await lease()
    expect(await job(token)).toBe(200)
    await end(id)
    expect(await job(token)).toBe(401)
    expect(world.lines.at(-1)).toMatchObject({ 'meta.refusal_reason': 'job_not_running' })
  })

  test('when its time has passed, though nobody has ended the job', async () => {
    const { token } = await lease('developer', { seconds: 60 })
    world.moveClock(today + 59_999)
    const last = await job(token)
    world.moveClock(today + 60_000)
    expect([last, await job(token)]).toEqual([200, 401])
    world.moveClock(today)
  })

  test('when the clock was set back under it', async () => {
    const { token } = await lease('developer', { at: today + 5 * 60_000 })
    const { token: later } = await lease('developer', { at: today + 5 * 60_000 + 1 })
    expect([await job(token), await job(later)]).toEqual([200, 401])
  })

  test('when its user is blocked, deleted, or its project has no jobs', async () => {
    const person = await world.person('soon-blocked')
    const { token } = await leaseIn(world.store, { project: home, user: person.id })
    await world.ask('POST', `/users/${person.id}/block`, { token: world.people.root.token })
    expect(await job(token)).toBe(403)
    await world.store.write.updateTable('users').set({ state: 'active' }).where('id', '=', person.id).execute()
    expect(await job(token)).toBe(200)
    const settings = (jobs_enabled: 0 | 1) =>
      world.store.write.transaction().execute((transaction) => writeCiSettings(transaction, home, { jobs_enabled }))
    await settings(0)
    expect(await job(token)).toBe(401)
    await settings(1)
    await world.store.write.deleteFrom('users').where('id', '=', person.id).execute()
    expect(await job(token)).toBe(401)
  })

  test('on every route: none of them answers it otherwise than nobody', async () => {
    const { id, token } = await lease('owner')
    await end(id)
    const differs: string[] = []
    for (const route of routes) {
      const path = route.path.replace(':id', String(home)).replaceAll(/:\w+/g, '1')
      const ask = (headers: Record<string, string>) =>
        world.ask<unknown>(route.method, path, { headers, json: route.method === 'GET' ? undefined : {} })
      const [nobody, dead] = [await ask({}), await ask({ 'JOB-TOKEN': token })]
      // Runners are told by 403 that a job is no longer theirs (gitlab `lib/api/ci/helpers/runner.rb`).
      const asNobody = dead.status === nobody.status || (route.forRunners === true && dead.status === 403)
      const asExpected = route.jobToken ? dead.status === 401 : asNobody
      if (!asExpected) differs.push(`${route.method} ${route.path}: ${dead.status}, nobody: ${nobody.status}`)
    }
    expect(differs).toEqual([])
  }, 60_000)
})

describe('what a job reaches', () => {
  const branch = async (token: string, project: number) => {
    const { status, body } = await world.ask(`GET`, list(project), byJob(token))
    return status === 200 ? 200 : [status, body['message']]
  }
  // Behind the rules there is no git: what gets that far fails.
  const reached = 500

  test('its own project, as its user', async () => {
    expect((await world.ask('GET', list(home), byJob((await lease('reporter')).token))).status).toBe(reached)
    expect(await branch((await lease('guest')).token, home)).toEqual([403, '403 Forbidden'])
    expect(await branch((await lease('stranger')).token, home)).toEqual([
      403,
      `403 Forbidden - Authentication by CI/CD job token not allowed from home to project #${home}.`,
    ])
    const { id: user } = await world.person('second-root', { is_admin: 1 })
    const { token } = await leaseIn(world.store, { project: home, user })
    expect(await branch(token, home)).toEqual([403, expect.stringContaining('not allowed')])
  })

  test('a private one only from the allowlist', async () => {
    const { token } = await lease('owner')
    const refused = [403, `403 Forbidden - Authentication by CI/CD job token not allowed from home to project #${closed}.`]
    expect(await branch(token, closed)).toEqual(refused)
    const root = world.people.root.id
    const change = (entry: Parameters<typeof allow>[2]) =>
      world.store.write.transaction().execute((transaction) => allow(transaction, closed, entry, root, today))
    await change({ kind: 'project', id: open })
    expect(await branch(token, closed)).toEqual(refused)
    await change({ kind: 'group', id: world.group as NamespaceId })
    expect((await world.ask('GET', list(closed), byJob(token))).status).toBe(reached)
    expect(await branch((await lease('guest')).token, closed)).toEqual([403, '403 Forbidden'])
  })

  test('a public one, and nothing for members there', async () => {
    const { token } = await lease('owner')
    expect((await world.ask('GET', list(open), byJob(token))).status).toBe(reached)
    await world.ask('PUT', `/projects/${open}`, {
      token: world.people.root.token,
      json: { repository_access_level: 'private' },
    })
    expect((await world.ask('GET', list(open), byJob(token))).status).toBeGreaterThanOrEqual(403)
  })

  test('files of jobs, as its user may', async () => {
    const { id, token } = await lease('reporter')
    // There are none: who may not ask is told so before.
    expect((await world.ask('GET', `/projects/${home}/jobs/${id}/artifacts`, byJob(token))).status).toBe(404)
    const { token: outside } = await lease('stranger')
    const reply = await world.ask('GET', `/projects/${home}/jobs/${id}/artifacts`, byJob(outside))
    expect(reply.status).toBe(403)
  })

  test('none that is not there', async () => {
    expect(await branch((await lease()).token, 999_999)).toEqual([404, '404 Project Not Found'])
  })

  test('and writes nothing', async () => {
    const { token } = await lease('owner')
    const json = { branch: 'new', ref: 'main' }
    const reply = await world.ask('POST', `/projects/${home}/repository/branches`, { ...byJob(token), json })
    expect(reply.status).toBe(404)
  })
})
