import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKey } from './access-words.ts'
import { cases } from './bad-input.table.ts'
import { startWorld, type World } from './world.ts'

let world: World
const ids: Record<string, number | string> = {}

beforeAll(async () => {
  world = await startWorld()
  const make = async (method: string, path: string, json: unknown) =>
    (await world.ask<{ id: number }>(method, path, { token: world.token('root'), json })).body.id
  ids['group'] = world.group
  ids['project'] = await world.project('bad')
  ids['other'] = await world.project('elsewhere', { namespace_id: undefined })
  const project = `/projects/${ids['project']}`
  ids['user'] = world.people.developer.id
  ids['owner'] = world.people.owner.id
  ids['stranger'] = world.people.stranger.id
  ids['token'] = await make('POST', `/users/${ids['user']}/personal_access_tokens`, { name: 't', scopes: ['api'] })
  ids['bot'] = await make('POST', `${project}/access_tokens`, { name: 'b', scopes: ['api'] })
  ids['key'] = await make('POST', `${project}/deploy_keys`, { title: 'k', key: publicKey() })
  ids['strangerKey'] = await make('POST', `/projects/${ids['other']}/deploy_keys`, { title: 'k', key: publicKey() })
  ids['deployToken'] = await make('POST', `${project}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] })
  ids['otherDeployToken'] = await make('POST', `/projects/${ids['other']}/deploy_tokens`, {
    name: 'd',
    scopes: ['read_repository'],
  })
  ids['trigger'] = await make('POST', `${project}/triggers`, { description: 'x' })
  await make('POST', `${project}/protected_branches`, { name: 'main' })
  await make('POST', `${project}/protected_tags`, { name: 'v*' })
  ids['newKey'] = publicKey()
})
afterAll(() => world.close())

/** All that is in the first database file, as one text. */
const everything = async (): Promise<string> => {
  const { read } = world.store
  const tables = await sql<{
    name: string
  }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name`.execute(read)
  const rows = []
  for (const { name } of tables.rows) rows.push([name, (await sql`select * from ${sql.table(name)}`.execute(read)).rows])
  return JSON.stringify(rows)
}

const filled = (text: string): string => text.replace(/:(\w+)/g, (whole, name: string) => String(ids[name] ?? whole))

describe('is told as GitLab tells it, and changes nothing', () => {
  test.each(cases)('$method $path $json', async ({ method, path, json, body, status, who }) => {
    const before = await everything()
    const sent = json === undefined ? {} : { json: JSON.parse(filled(JSON.stringify(json))) }
    const reply = await world.ask(method, filled(path), { token: world.token(who), ...sent })
    expect([reply.status, reply.body]).toEqual([status, body])
    expect(await everything()).toBe(before)
  })
})

describe('a body that cannot be read', () => {
  const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const cases: readonly (readonly [string, string, string | FormData, number, unknown])[] = [
    ['JSON that is cut off', 'application/json', '{"name":', 400, { error: 'message body does not match declared format' }],
    ['JSON that is no object', 'application/json', '[1]', 400, { error: 'the body must be a JSON object' }],
    ['JSON that is a word', 'application/json', '"x"', 400, { error: 'message body does not match declared format' }],
    [
      'JSON too deep',
      'application/json',
      nested(100),
      400,
      { error: 'the request holds a NUL character or is nested too deeply' },
    ],
    ['JSON far too deep', 'application/json', nested(100_000), 400, expect.anything()],
    [
      'JSON too large',
      'application/json',
      JSON.stringify({ name: 'x'.repeat(2 ** 20) }),
      413,
      { error: 'the body is too large' },
    ],
    [
      'NUL',
      'application/json',
      '{"name":"a\\u0000b"}',
      400,
      { error: 'the request holds a NUL character or is nested too deeply' },
    ],
    ['XML', 'application/xml', '<name/>', 415, { error: "The provided content-type 'application/xml' is not supported." }],
    ['plain text', 'text/plain', 'name=x', 415, { error: "The provided content-type 'text/plain' is not supported." }],
    [
      'a form that is nested too deeply',
      'application/x-www-form-urlencoded',
      `a${'[b]'.repeat(50)}=1`,
      400,
      { error: 'parameters are nested too deeply' },
    ],
    [
      'a form with too many fields',
      'application/x-www-form-urlencoded',
      'a=1&'.repeat(2000),
      400,
      { error: 'too many parameters' },
    ],
    ['a form in parts that are none', 'multipart/form-data; boundary=x', 'nothing', 400, expect.anything()],
  ]
  test.each(cases)('%s', async (_title, type, body, status, answer) => {
    const before = await everything()
    const response = await fetch(`${world.url}/api/v4/projects`, {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': world.token('root') ?? '', 'Content-Type': type },
      body,
    })
    expect([response.status, await response.json()]).toEqual([status, answer])
    expect(await everything()).toBe(before)
  })
})
