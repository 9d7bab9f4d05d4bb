import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type Who, type World } from '../world.ts'

interface Variable {
  readonly key: string
  readonly value: string | null
}

let world: World
let path: string
let shared: string

beforeAll(async () => {
  world = await startWorld()
  path = `/projects/${await world.project('app')}/variables`
  shared = `/groups/${world.group}/variables`
})
afterAll(() => world.close())

const ask = <Body = Record<string, unknown>>(who: Who, method: string, at: string, json?: unknown) =>
  world.ask<Body>(method, at, { token: world.token(who), ...(json !== undefined && { json }) })

let last = 0
const freshKey = (): string => {
  last += 1
  return `KEY_${last}`
}

const audited = async (name: string): Promise<number> => {
  const rows = await sql<{ many: number }>`select count(*) as many from activity.audit_events where name = ${name}`.execute(
    world.store.read,
  )
  return rows.rows[0]?.many ?? 0
}

const usual = {
  variable_type: 'env_var',
  hidden: false,
  protected: false,
  masked: false,
  raw: false,
  environment_scope: '*',
  description: null,
}

describe.each([
  ['project', 'maintainer', 'developer', 'ci_variable', '404 Variable Not Found'],
  ['group', 'owner', 'maintainer', 'ci_group_variable', '404 GroupVariable Not Found'],
] as const)('of a %s', (kind, may, mayNot, event, missing) => {
  const at = (): string => (kind === 'project' ? path : shared)

  test('one is made, shown, changed, listed and removed, and each change is in the audit', async () => {
    const key = freshKey()
    const made = await ask(may, 'POST', at(), { key, value: 'first' })
    expect(made).toMatchObject({ status: 201, body: { key, value: 'first', ...usual } })
    expect(await ask(may, 'GET', `${at()}/${key}`)).toMatchObject({ status: 200, body: { key, value: 'first', ...usual } })
    const change = { value: 'second line\nand more', protected: true, raw: true, variable_type: 'file', description: 'why' }
    expect(await ask(may, 'PUT', `${at()}/${key}`, change)).toMatchObject({ status: 200, body: { ...usual, key, ...change } })
    const list = await ask<Variable[]>(may, 'GET', `${at()}?per_page=100`)
    expect(list.body.filter((one) => one.key === key)).toHaveLength(1)
    expect((await ask(may, 'DELETE', `${at()}/${key}`)).status).toBe(204)
    expect(await ask(may, 'GET', `${at()}/${key}`)).toMatchObject({ status: 404, body: { message: missing } })
    for (const name of ['created', 'updated', 'deleted']) expect(await audited(`${event}_${name}`)).toBeGreaterThan(0)
  })

  test.each(['GET', 'POST'])('a role too low may not %s', async (method) => {
    const json = method === 'POST' ? { key: freshKey(), value: 'v' } : undefined
    expect((await ask(mayNot, method, at(), json)).status).toBe(403)
    expect((await ask('stranger', method, at(), json)).status).toBe(404)
    expect((await ask('anonymous', method, at(), json)).status).toBe(401)
  })

  test('a key is there once for each scope, and a scope tells which is meant', async () => {
    const key = freshKey()
    await ask(may, 'POST', at(), { key, value: 'all' })
    const again = await ask(may, 'POST', at(), { key, value: 'all' })
    expect(again).toMatchObject({ status: 400, body: { message: { key: [`(${key}) has already been taken`] } } })
    expect((await ask(may, 'POST', at(), { key, value: 'live', environment_scope: 'live/*' })).status).toBe(201)
    const unclear = "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(await ask(may, method, `${at()}/${key}`)).toMatchObject({ status: 409, body: { message: unclear } })
    }
    const live = await ask(may, 'GET', `${at()}/${key}?filter[environment_scope]=live/*`)
    expect(live).toMatchObject({ status: 200, body: { value: 'live', environment_scope: 'live/*' } })
    const moved = { environment_scope: '*', filter: { environment_scope: 'live/*' } }
    expect((await ask(may, 'PUT', `${at()}/${key}`, moved)).status).toBe(400)
    expect((await ask(may, 'DELETE', `${at()}/${key}?filter[environment_scope]=live/*`)).status).toBe(204)
    expect(await ask(may, 'GET', `${at()}/${key}`)).toMatchObject({ status: 200, body: { value: 'all' } })
  })
})

describe('what is refused', () => {
  const invalid = { message: { value: ['is invalid'] } }
  const cases: [object, object][] = [
    [{}, { error: 'key is missing, value is missing' }],
    [{ key: 'A' }, { error: 'value is missing' }],
    [{ key: '', value: 'v' }, { message: { key: ["can't be blank"] } }],
    [{ key: 'A-B', value: 'v' }, { message: { key: ["can contain only letters, digits and '_'."] } }],
    [{ key: 'A\nB', value: 'v' }, { message: { key: ["can contain only letters, digits and '_'."] } }],
    [{ key: 'A'.repeat(256), value: 'v' }, { message: { key: ['is too long (maximum is 255 characters)'] } }],
    [{ key: 'A', value: 'v'.repeat(10_001) }, { message: { value: ['is too long (maximum is 10000 characters)'] } }],
    [{ key: 'A', value: 'v', variable_type: 'secret' }, { error: 'variable_type does not have a valid value' }],
    [{ key: 'A', value: 'v', protected: 'perhaps' }, { error: 'protected is invalid' }],
    [
      { key: 'A', value: 'v', environment_scope: 'a;b' },
      { message: { environment_scope: [expect.stringContaining('can contain only')] } },
    ],
    [{ key: 'A', value: 'short', masked: true }, invalid],
    [{ key: 'A', value: 'with a blank', masked: true }, invalid],
    [{ key: 'A', value: 'two\nlines-of-it', masked: true }, invalid],
    [{ key: 'A', value: 'price$value', masked: true }, invalid],
    [{ key: 'A', value: 'with a blank', masked: true, raw: true }, invalid],
    [{ key: 'A', value: 'short', masked_and_hidden: true }, invalid],
  ]
  test.each(cases)('%j', async (json, body) => {
    expect(await ask('maintainer', 'POST', path, json)).toMatchObject({ status: 400, body })
  })

  test('a change after which the value could not be masked', async () => {
    const key = freshKey()
    await ask('maintainer', 'POST', path, { key, value: 'short' })
    expect(await ask('maintainer', 'PUT', `${path}/${key}`, { masked: true })).toMatchObject({ status: 400, body: invalid })
    expect(await ask('maintainer', 'PUT', `${path}/${key}`, { masked: true, value: 'longer-now' })).toMatchObject({ status: 200 })
  })
})

describe('what is taken', () => {
  const cases: [object][] = [
    [{ value: '' }],
    [{ value: 'v'.repeat(10_000) }],
    [{ value: 'AZaz09_+=/@:.~-', masked: true }],
    [{ value: 'price$value!', masked: true, raw: true }],
    [{ value: 'v', environment_scope: 'review/$NAME {x} *' }],
  ]
  test.each(cases)('%j', async (fields) => {
    expect(await ask('maintainer', 'POST', path, { key: freshKey(), ...fields })).toMatchObject({ status: 201, body: fields })
  })
})

test('a hidden one is never shown again, and stays masked', async () => {
  const key = freshKey()
  const hidden = { value: null, hidden: true, masked: true }
  const made = await ask('maintainer', 'POST', path, { key, value: 'never-to-be-seen', masked_and_hidden: true })
  expect(made).toMatchObject({ status: 201, body: hidden })
  expect(await ask('maintainer', 'GET', `${path}/${key}`)).toMatchObject({ status: 200, body: hidden })
  expect((await ask('maintainer', 'PUT', `${path}/${key}`, { masked: false })).status).toBe(400)
  expect(await ask('maintainer', 'PUT', `${path}/${key}`, { protected: true })).toMatchObject({ status: 200, body: hidden })
  expect(JSON.stringify((await ask('maintainer', 'GET', path)).body)).not.toContain('never-to-be-seen')
})

test('no value stands in the database, in the log or in the audit', async () => {
  const key = freshKey()
  const value = 'a-value-that-is-nowhere'
  await ask('maintainer', 'POST', path, { key, value })
  await ask('maintainer', 'PUT', `${path}/${key}`, { value: `${value}-else` })
  const rows = await world.store.read.selectFrom('variables').selectAll().where('key', '=', key).execute()
  const events = await sql`select * from activity.audit_events`.execute(world.store.read)
  expect(rows).toHaveLength(1)
  for (const told of [rows, events.rows, world.lines]) expect(JSON.stringify(told)).not.toContain(value)
})

test('a token that only reads may look and change nothing', async () => {
  const reads = (await world.addToken(world.people.maintainer.id, { scopes: ['read_api'] })).token
  expect((await world.ask('GET', path, { token: reads })).status).toBe(200)
  const json = { key: freshKey(), value: 'v' }
  expect((await world.ask('POST', path, { token: reads, json })).status).toBe(403)
})
