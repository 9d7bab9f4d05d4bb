import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobId, ProjectId } from '../../../../src/core/ids.ts'
import { findJob } from '../../../../src/store/ci/jobs.ts'
import { mostLeases } from '../../../../src/store/ci/leases.ts'
import { today } from '../api-server.ts'
import { startWorld, type Who, type World } from '../world.ts'
import { leaseIn } from './lease-stage.ts'

let world: World
let project: ProjectId
const sha = 'b'.repeat(40)

beforeAll(async () => {
  world = await startWorld()
  project = (await world.project('home')) as ProjectId
  world.refs.set(
    project,
    new Map([
      ['refs/heads/topic', sha],
      ['refs/heads/main', sha],
      ['refs/tags/v1', sha],
    ]),
  )
  await world.ask('POST', `/projects/${project}/protected_branches`, { token: world.people.root.token, json: { name: 'main' } })
})
afterAll(() => world.close())

interface Lease {
  readonly id: number
  readonly token: string
  readonly user: { readonly username: string }
}

const at = () => `/projects/${project}/sallyport/job_leases`
const lease = (json: Record<string, unknown>, who: Who = 'developer') =>
  world.ask<Lease & Record<string, unknown>>('POST', at(), {
    token: world.token(who),
    json: { ref: 'topic', seconds: 60, ...json },
  })

const events = async () => {
  await world.parts.activity.trail.settled()
  const rows = await world.store.activity.selectFrom('audit_events').select(['name', 'target_id']).orderBy('id').execute()
  return rows.filter(({ name }) => name.startsWith('job_lease')).map(({ name, target_id }) => `${name} ${target_id}`)
}

describe('a lease', () => {
  test('is a running job with a token, that lasts until it is ended', async () => {
    const { status, body } = await lease({ name: 'jenkins #7' })
    expect([status, body]).toMatchObject([
      201,
      {
        status: 'running',
        name: 'jenkins #7',
        ref: 'topic',
        tag: false,
        pipeline: null,
        started_at: new Date(today).toISOString(),
        deadline: new Date(today + 60_000).toISOString(),
        token: expect.stringMatching(/^glcbt-64_[\w-]{20}$/),
        user: { username: 'developer' },
      },
    ])
    const own = () => world.ask('GET', '/job', { headers: { 'JOB-TOKEN': body.token } })
    expect(await own()).toMatchObject({ status: 200, body: { id: body.id, pipeline: null } })
    const listed = await world.ask<Lease[]>('GET', at(), { token: world.token('developer') })
    expect(listed.body[0]).toMatchObject({ id: body.id, deadline: expect.any(String) })
    expect(JSON.stringify(listed.body)).not.toContain('glcbt')
    expect((await world.ask('DELETE', `${at()}/${body.id}`, { token: world.token('developer') })).status).toBe(204)
    expect((await own()).status).toBe(401)
    expect((await world.ask('DELETE', `${at()}/${body.id}`, { token: world.token('developer') })).status).toBe(204)
    expect(await findJob(world.store.read, body.id as JobId)).toMatchObject({
      status: 'success',
      deadline: null,
      user_id: world.people.developer.id,
    })
    expect(await events()).toEqual([`job_lease_created ${body.id}`, `job_lease_ended ${body.id}`])
  })

  test('keeps no secret on disk', async () => {
    const { body } = await lease({})
    const row = await findJob(world.store.read, body.id as JobId)
    expect(JSON.stringify(row)).not.toContain(body.token.slice('glcbt-64_'.length))
  })

  test.each([
    [{ seconds: 0 }, 400],
    [{ seconds: 86_400 }, 201],
    [{ seconds: 86_401 }, 400],
    [{ seconds: 'soon' }, 400],
    [{ seconds: null }, 400],
    [{ ref: 'nowhere' }, 400],
    [{ ref: '' }, 400],
    [{ ref: 'refs/heads/topic' }, 201],
    [{ ref: 'refs/tags/v1' }, 201],
    [{ ref: 'refs/tags/topic' }, 400],
    [{ name: 'x'.repeat(256) }, 400],
  ])('%j → %i', async (json, status) => {
    expect((await lease(json)).status).toBe(status)
  })

  test('is given to those who may run a pipeline on the ref', async () => {
    const answers = []
    for (const who of ['stranger', 'guest', 'reporter', 'developer', 'maintainer'] as const) {
      answers.push([who, (await lease({}, who)).status, (await lease({ ref: 'main' }, who)).status])
    }
    expect(answers).toEqual([
      ['stranger', 404, 404],
      ['guest', 403, 403],
      ['reporter', 403, 403],
      ['developer', 201, 403],
      ['maintainer', 201, 201],
    ])
  })

  test('for others by administrators alone, and with the rights of these', async () => {
    const { developer, owner, guest } = world.people
    expect((await lease({ user: 'developer' }, 'developer')).body.user.username).toBe('developer')
    for (const named of ['owner', String(owner.id), 'nobody-at-all'])
      expect((await lease({ user: named }, 'owner' === named ? 'maintainer' : 'developer')).status).toBe(403)
    expect((await lease({ user: String(developer.id) }, 'root')).body.user.username).toBe('developer')
    expect((await lease({ user: String(guest.id) }, 'root')).status).toBe(403)
    expect((await lease({ user: 'developer', ref: 'main' }, 'root')).status).toBe(403)
    expect((await lease({ user: 'nobody-at-all' }, 'root')).status).toBe(404)
    const blocked = await world.person('blocked', { state: 'blocked' })
    await world.member(`/projects/${project}`, blocked.id, 40)
    expect((await lease({ user: 'blocked' }, 'root')).status).toBe(400)
  })

  test('is ended by its user and by Maintainers', async () => {
    const end = async (id: number, who: Who) => (await world.ask('DELETE', `${at()}/${id}`, { token: world.token(who) })).status
    const { body: one } = await lease({}, 'maintainer')
    expect([await end(one.id, 'reporter'), await end(one.id, 'developer'), await end(one.id, 'owner')]).toEqual([403, 403, 204])
    expect([
      await end(999_999, 'owner'),
      (await world.ask('DELETE', `${at()}/x`, { token: world.token('owner') })).status,
    ]).toEqual([404, 400])
    const elsewhere = (await world.project('elsewhere')) as ProjectId
    const other = await leaseIn(world.store, { project: elsewhere, user: world.people.owner.id })
    expect(await end(other.id, 'owner')).toBe(404)
  })

  test('is one of so many of a project', async () => {
    const busy = (await world.project('busy')) as ProjectId
    world.refs.set(busy, new Map([['refs/heads/topic', sha]]))
    const { id: _, token: __, ...lease } = await leaseIn(world.store, { project: busy, user: world.people.owner.id })
    const fill = (count: number) =>
      world.store.write
        .insertInto('jobs')
        .values(Array.from({ length: count }, () => ({ ...lease, token_digest: null })))
        .execute()
    for (let left = mostLeases - 1; left > 0; left -= 500) await fill(Math.min(left, 500))
    const reply = await world.ask('POST', `/projects/${busy}/sallyport/job_leases`, {
      token: world.people.owner.token,
      json: { ref: 'topic', seconds: 1 },
    })
    expect(reply.status).toBe(400)
  })
})
