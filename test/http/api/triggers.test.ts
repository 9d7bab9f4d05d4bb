import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TriggerId } from '../../../src/core/ids.ts'
import { startWorld, type Who, type World } from './world.ts'

interface Trigger {
  readonly id: number
  readonly token: string
  readonly description: string
  readonly owner: { readonly username: string }
}

let world: World
let path: string
let other: string

beforeAll(async () => {
  world = await startWorld()
  path = `/projects/${await world.project('app')}/triggers`
  other = `/projects/${await world.project('other')}/triggers`
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(who: Who, method: string, at: string, json?: unknown) =>
  world.ask<Body>(method, at, { token: world.token(who), ...(json !== undefined && { json }) })

const make = async (who: Who = 'maintainer', fields: object = {}): Promise<Trigger> =>
  (await ask<Trigger>(who, 'POST', path, { description: 'nightly', ...fields })).body

const audited = async (name: string): Promise<number> => {
  const rows = await sql<{ many: number }>`select count(*) as many from activity.audit_events where name = ${name}`.execute(
    world.store.read,
  )
  return rows.rows[0]?.many ?? 0
}

describe('making one', () => {
  test('gives GitLab a shape, and the token whole', async () => {
    const made = await ask<Trigger>('maintainer', 'POST', path, { description: 'nightly' })
    expect(made.status).toBe(201)
    expect(Object.keys(made.body)).toEqual([
      'id',
      'token',
      'description',
      'created_at',
      'updated_at',
      'last_used',
      'expires_at',
      'owner',
    ])
    expect(made.body).toMatchObject({
      description: 'nightly',
      last_used: null,
      expires_at: null,
      owner: { username: 'maintainer' },
    })
    expect(made.body.token).toMatch(/^glptt-[A-Za-z0-9_-]{20}$/)
  })

  const cases: [Who, object, number, object][] = [
    ['owner', { description: 'a' }, 201, {}],
    ['root', { description: 'a' }, 201, {}],
    ['developer', { description: 'a' }, 403, { message: '403 Forbidden' }],
    ['guest', { description: 'a' }, 403, {}],
    ['stranger', { description: 'a' }, 404, { message: '404 Project Not Found' }],
    ['anonymous', { description: 'a' }, 401, { message: '401 Unauthorized' }],
    ['maintainer', {}, 400, { error: 'description is missing' }],
    [
      'maintainer',
      { description: 'x'.repeat(256) },
      400,
      { message: { description: ['is too long (maximum is 255 characters)'] } },
    ],
    ['maintainer', { description: 'a', expires_at: 'abc' }, 400, { error: 'expires_at is invalid' }],
    ['maintainer', { description: 'a', expires_at: '01/01/2050' }, 400, { error: 'expires_at is invalid' }],
    ['maintainer', { description: 'a', expires_at: '2308' }, 400, { error: 'expires_at is invalid' }],
    ['maintainer', { description: 'a', expires_at: '2027-03-09T23:59:59Z' }, 201, { expires_at: '2027-03-09T23:59:59.000Z' }],
    [
      'maintainer',
      { description: 'a', expires_at: '2027-03-10T00:00:00Z' },
      400,
      { message: '400 Bad request - {"expires_at":["must be before 2027-03-10"]}' },
    ],
  ]
  test.each(cases)('by %s with %j: %i', async (who, fields, status, body) => {
    expect(await ask(who, 'POST', path, fields)).toMatchObject({ status, body })
  })
})

describe('reading them', () => {
  test('the token is whole for its owner alone, and four characters for others', async () => {
    const mine = await make('maintainer', { description: 'mine' })
    const theirs = await make('owner', { description: 'theirs' })
    const listed = await ask<Trigger[]>('maintainer', 'GET', `${path}?per_page=100`)
    const byId = new Map(listed.body.map((trigger) => [trigger.id, trigger]))
    expect(byId.get(mine.id)?.token).toBe(mine.token)
    expect(byId.get(theirs.id)?.token).toBe(theirs.token.slice(6, 10))
    expect(await ask('root', 'GET', `${path}/${mine.id}`)).toMatchObject({
      status: 200,
      body: { token: mine.token.slice(6, 10) },
    })
    expect(await ask('maintainer', 'GET', `${path}/${mine.id}`)).toMatchObject({ status: 200, body: { token: mine.token } })
  })

  test('in pages', async () => {
    const { headers, body } = await ask<Trigger[]>('maintainer', 'GET', `${path}?per_page=1&page=2`)
    expect(body).toHaveLength(1)
    expect(Number(headers.get('x-total'))).toBeGreaterThan(1)
  })

  const cases: [Who, string, number][] = [
    ['developer', '', 403],
    ['stranger', '', 404],
    ['anonymous', '', 401],
    ['developer', '/1', 403],
    ['maintainer', '/99999', 404],
    ['maintainer', '/-5', 404],
    ['maintainer', '/x', 400],
  ]
  test.each(cases)('%s reads %j: %i', async (who, rest, status) => {
    expect((await ask(who, 'GET', `${path}${rest}`)).status).toBe(status)
  })

  test("another project's is absent", async () => {
    const { id } = await make()
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await ask('maintainer', method, `${other}/${id}`)).status).toBe(404)
    expect((await ask('maintainer', 'GET', `${path}/${id}`)).status).toBe(200)
  })

  test('one that is over is absent', async () => {
    const { id } = await make('maintainer', { expires_at: '2020-01-01' })
    expect((await ask('maintainer', 'GET', `${path}/${id}`)).status).toBe(404)
  })
})

describe('changing one', () => {
  test('is for its owner alone', async () => {
    const { id } = await make()
    const message = '403 Forbidden - The current user is not authorized to update the pipeline trigger token'
    for (const who of ['owner', 'root', 'developer'] as const)
      expect(await ask(who, 'PUT', `${path}/${id}`, { description: 'b' })).toMatchObject({ status: 403, body: { message } })
    expect((await ask('stranger', 'PUT', `${path}/${id}`, { description: 'b' })).status).toBe(404)
    expect((await ask('anonymous', 'PUT', `${path}/${id}`, { description: 'b' })).status).toBe(401)
    expect(await ask('maintainer', 'PUT', `${path}/${id}`, { description: 'b' })).toMatchObject({
      status: 200,
      body: { id, description: 'b' },
    })
    expect(await ask('maintainer', 'PUT', `${path}/${id}`, {})).toMatchObject({ status: 200, body: { description: 'b' } })
  })

  test('needs the role still', async () => {
    const person = await world.person('former')
    await world.member(path.replace('/triggers', ''), person.id, 40)
    const { body } = await world.ask<Trigger>('POST', path, { token: person.token, json: { description: 'f' } })
    const home = path.replace('/triggers', '')
    await ask('root', 'PUT', `${home}/members/${person.id}`, { access_level: 30 })
    const json = { description: 'g' }
    expect((await world.ask('PUT', `${path}/${body.id}`, { token: person.token, json })).status).toBe(403)
  })
})

describe('deleting one', () => {
  test('is for Maintainers, and final', async () => {
    const { id } = await make('owner')
    expect((await ask('developer', 'DELETE', `${path}/${id}`)).status).toBe(403)
    expect((await ask('anonymous', 'DELETE', `${path}/${id}`)).status).toBe(401)
    expect((await ask('maintainer', 'DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await ask('maintainer', 'DELETE', `${path}/${id}`)).status).toBe(404)
  })
})

test('the database holds it sealed', async () => {
  const { token } = await make()
  await sql`pragma wal_checkpoint(truncate)`.execute(world.store.write)
  const database = await readFile(`${world.home}/sallyport.db`, 'latin1')
  expect(database).toContain('nightly')
  expect(database).not.toContain(token)
  expect(database).not.toContain(token.slice(6))
  expect(JSON.stringify(world.lines)).not.toContain(token)
})

test('it opens nothing but pipelines of its own project', async () => {
  const { token } = await make()
  expect((await world.ask('GET', '/user', { token })).status).toBe(401)
  const start = (list: string) =>
    world.ask('POST', `${list.replace('/triggers', '')}/trigger/pipeline`, { form: { token, ref: 'main' } })
  expect((await start(other)).status).toBe(404)
  const own = await start(path)
  expect([own.status, own.body]).toEqual([400, { message: { base: ['Reference not found'] } }])
})

test('it starts nothing once it is over', async () => {
  const { id, token } = await make()
  await world.store.write
    .updateTable('triggers')
    .set({ expires_at: '2026-03-10T12:00:00.000Z' })
    .where('id', '=', id as TriggerId)
    .execute()
  const reply = await world.ask('POST', `${path.replace('/triggers', '')}/trigger/pipeline`, { form: { token, ref: 'main' } })
  expect(reply.status).toBe(404)
})

test('birth, change and end are audited', async () => {
  const before = await Promise.all(['created', 'updated', 'deleted'].map((word) => audited(`pipeline_trigger_token_${word}`)))
  const { id } = await make()
  await ask('maintainer', 'PUT', `${path}/${id}`, { description: 'c' })
  await ask('maintainer', 'DELETE', `${path}/${id}`)
  const after = await Promise.all(['created', 'updated', 'deleted'].map((word) => audited(`pipeline_trigger_token_${word}`)))
  expect(after).toEqual(before.map((many) => many + 1))
})
