import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, sallyport } from '../cli/command-line.ts'
import { startWorld, type World } from '../http/api/world.ts'

/** The days are the machine's own: the command has no other clock. */
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

const soon = inDays(40)
const later = inDays(90)

let world: World
let project: number
const ids: Record<string, number> = {}

const at = (...words: string[]): Promise<Ran> => sallyport([...words, '--home', world.home])
const lines = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await at(...words)
  if (code !== 0) throw new Error(stderr)
  return stdout.split('\n').filter((line) => line !== '')
}
/** Numbers of the tokens that are listed. */
const listed = async (...words: string[]): Promise<number[]> => {
  const { stdout } = await at('tokens', '--json', ...words)
  return (JSON.parse(stdout) as { id: number }[]).map(({ id }) => id)
}
const numbers = (...names: string[]): number[] => names.map((name) => ids[name] ?? 0).sort((one, other) => one - other)

beforeAll(async () => {
  world = await startWorld()
  const { store, people } = world
  await store.write.deleteFrom('access_tokens').where('name', '!=', 'root').execute()
  project = await world.project('tools')
  const token = async (name: string, fields: Parameters<World['addToken']>[1], user = people.stranger.id) => {
    ids[name] = (await world.addToken(user, { name, ...fields })).id
  }
  const bot = async (place: string, name: string, expires: string) => {
    const json = { name, scopes: ['api', 'self_rotate'], expires_at: expires }
    world.moveClock(Date.now())
    const reply = await world.ask<{ id: number }>('POST', `${place}/access_tokens`, { token: people.root.token, json })
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    ids[name] = reply.body.id
  }
  await token('laptop', { expires_at: soon, scopes: ['api', 'read_user'] })
  await token('revoked', { expires_at: soon, revoked: 1 })
  await token('acting', { expires_at: soon, impersonation: 1 })
  await token('forever', { expires_at: null })
  await token('past', { expires_at: '2024-06-27' })
  await token('past too', { expires_at: '2024-06-03' })
  const blocked = await world.addUser('blocked', { state: 'blocked' })
  await token('locked out', { expires_at: soon }, blocked)
  await bot(`/projects/${project}`, 'Test Token', soon)
  await bot(`/groups/${world.group}`, 'Group Token', later)
  await store.activity
    .insertInto('credential_usage')
    .values({ kind: 'access-token', credential_id: ids['Test Token'] ?? 0, last_used_at: '2026-02-11T13:22:14.123Z' })
    .execute()
})

afterAll(() => world.close())

describe('lists', () => {
  test('on a day, in the lines of the token overview', async () => {
    expect(await lines('tokens', '--expires-on', soon)).toEqual([
      `Expired personal access token ID: ${ids['laptop']}, User Email: stranger@example.org, Name: laptop, Scopes: ["api", "read_user"], Last used:`,
      `Expired personal access token ID: ${ids['acting']}, User Email: stranger@example.org, Name: acting, Scopes: ["api"], Last used:`,
      `Expired project access token in Project ID ${project}, Token ID: ${ids['Test Token']}, Name: Test Token, Scopes: ["api", "self_rotate"], Last used: 2026-02-11 13:22:14 UTC`,
    ])
  })

  test('of a group, in a month', async () => {
    expect(await lines('tokens', '--expires-in-month', later.slice(0, 7), '--kind', 'group')).toEqual([
      `Expired group access token in Group ID ${world.group}, Token ID: ${ids['Group Token']}, Name: Group Token, Scopes: ["api", "self_rotate"], Last used:`,
    ])
  })

  test('without an end', async () => {
    expect(await lines('tokens', '--no-expiry', '--user', 'stranger')).toEqual([
      `Expires_at is nil for personal access token ID: ${ids['forever']}, User Email: stranger@example.org, Name: forever, Scopes: ["api"], Last used:`,
    ])
  })

  test.each([
    { words: ['--expires-in-month', '2024-06'], names: ['past', 'past too'] },
    { words: ['--expires-on', '2024-06-27'], names: ['past'] },
    { words: ['--expires-on', soon, '--state', 'all'], names: ['laptop', 'revoked', 'acting', 'locked out', 'Test Token'] },
    { words: ['--kind', 'impersonation'], names: ['acting'] },
    { words: ['--kind', 'project'], names: ['Test Token'] },
    { words: ['--project', 'team/tools'], names: ['Test Token'] },
    { words: ['--group', 'team'], names: ['Group Token'] },
    { words: ['--kind', 'personal', '--user', 'stranger'], names: ['laptop', 'forever', 'past', 'past too'] },
    { words: ['--state', 'inactive'], names: ['revoked', 'past', 'past too'] },
    { words: ['--state', 'active', '--user', 'stranger'], names: ['laptop', 'acting', 'forever'] },
    { words: ['--unused-since', inDays(1), '--kind', 'project'], names: ['Test Token'] },
    { words: ['--unused-since', '2026-02-01', '--state', 'all'], names: [] },
  ])('$words', async ({ words, names }) => {
    expect((await listed(...words)).sort((one, other) => one - other)).toEqual(numbers(...names))
  })

  test('in another order', async () => {
    const names = ['past too', 'past', 'laptop', 'forever']
    const found = await listed('--user', 'stranger', '--kind', 'personal', '--sort', 'expires_asc')
    expect(found.filter((id) => id !== ids['forever'])).toEqual(names.slice(0, 3).map((name) => ids[name]))
  })

  test('on which days most end', async () => {
    expect(await lines('tokens', 'dates')).toEqual([
      `4 Personal access tokens will expire at ${soon}`,
      `1 Personal access tokens will expire at ${later}`,
    ])
    const { stdout } = await at('tokens', 'dates', '--top', '1', '--json')
    expect(JSON.parse(stdout)).toEqual([{ expires_at: soon, count: 4 }])
  })
})

describe('extends', () => {
  const endOf = async (name: string): Promise<string | null | undefined> =>
    (await world.store.read.selectFrom('access_tokens').where('name', '=', name).select('expires_at').executeTakeFirst())
      ?.expires_at

  test('nothing, unless it is told to', async () => {
    const printed = await lines('tokens', 'extend', '--expires-on', soon, '--to', later)
    expect(printed.at(-1)).toBe(`Would update 3 tokens with new expiry date ${later}; --apply does it`)
    expect(await endOf('laptop')).toBe(soon)
  })

  test.each([
    { what: 'beyond the longest life', to: inDays(366), why: 'must be before' },
    { what: 'to an earlier day', to: inDays(39), why: 'must be after' },
    { what: 'to the same day', to: soon, why: 'must be after' },
  ])('not $what', async ({ to, why }) => {
    const { code, stdout, stderr } = await at('tokens', 'extend', '--expires-on', soon, '--to', to, '--apply')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(why)
    expect(await endOf('laptop')).toBe(soon)
  })

  test('all that end on a day, but those that are revoked or for impersonation, and forgets what was said of the end', async () => {
    const row = { access_token_id: ids['laptop'] as never, user_id: world.people.stranger.id, days: 60 as const }
    await world.store.write
      .insertInto('expiry_notices')
      .values({ ...row, state: 'sent', tries: 0, not_before: '2026-01-01T00:00:00.000Z' })
      .execute()
    const { stdout } = await at('tokens', 'extend', '--expires-on', soon, '--to', later, '--apply', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ applied: true, expires_on: soon, to: later, count: 3 })
    expect(await Promise.all(['laptop', 'Test Token', 'locked out', 'revoked', 'acting'].map(endOf))).toEqual([
      later,
      later,
      later,
      soon,
      soon,
    ])
    expect(await world.store.read.selectFrom('expiry_notices').selectAll().execute()).toEqual([])
    const events = await world.store.activity
      .selectFrom('audit_events')
      .where('name', '=', 'access_token_expiry_extended')
      .selectAll()
      .execute()
    expect(events.map(({ author_name, entity_kind, change_to }) => [author_name, entity_kind, change_to]).sort()).toEqual([
      ['System', 'Project', later],
      ['System', 'User', later],
      ['System', 'User', later],
    ])
  })
})

describe('what is not so', () => {
  test.each([
    { what: 'a user', words: ['tokens', '--user', 'nobody'], line: 'sallyport: there is no user "nobody"\n' },
    { what: 'a project', words: ['tokens', '--project', 'team/none'], line: 'sallyport: there is no project "team/none"\n' },
    { what: 'a group', words: ['tokens', 'dates', '--group', 'stranger'], line: 'sallyport: there is no group "stranger"\n' },
  ])('$what that is not there: one line, code 1', async ({ words, line }) => {
    expect(await at(...words)).toEqual({ code: 1, stdout: '', stderr: line })
  })

  test.each([
    ['tokens', '--expires-on', '2024-02-30'],
    ['tokens', '--expires-in-month', '2024-13'],
    ['tokens', '--kind', 'sorts'],
    ['tokens', '--bogus'],
    ['tokens', 'extend', '--to', later],
    ['tokens', 'extend', '--expires-on', soon],
    ['tokens', 'dates', '--top', '0'],
    ['token', 'create'],
    ['token', 'create', '--user', 'root', '--scopes', 'everything'],
    ['token', 'bogus'],
  ])('%j %j %j %j %j: code 2', async (...words) => {
    const { code, stdout } = await at(...words.filter((word) => word !== undefined))
    expect([code, stdout]).toEqual([2, ''])
  })

  test('a folder without a home is left without one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-none-'))
    for (const words of [['tokens'], ['token', 'create', '--user', 'root'], ['token', 'revoke', '1']]) {
      const { code, stdout, stderr } = await sallyport([...words, '--home', folder])
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^sallyport: there is no database .*\n$/)
    }
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  test('a database of another version, or none at all, is said so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-other-'))
    const file = join(folder, 'sallyport.db')
    await writeFile(file, 'this is no database, and long enough to be looked at by SQLite, which wants a hundred bytes at least')
    await writeFile(join(folder, 'sallyport-activity.db'), '')
    expect(await sallyport(['tokens', '--home', folder])).toMatchObject({ code: 1, stdout: '' })
    await rm(file)
    new Database(file).exec('create table kysely_migration (name text)').close()
    const { code, stderr } = await sallyport(['tokens', '--home', folder])
    expect([code, stderr]).toEqual([1, `sallyport: ${file} is of an older version; start this version's server on it once\n`])
    await rm(folder, { recursive: true })
  })

  test.each([['tokens'], ['tokens', 'dates'], ['tokens', 'extend'], ['token'], ['token', 'create'], ['token', 'revoke']])(
    '%j %j has help',
    async (...words) => {
      const { code, stdout } = await sallyport([...words.filter((word) => word !== undefined), '--help'])
      expect([code, stdout.includes('--home')]).toEqual([0, true])
    },
  )
})

test('a name steers no terminal, neither in lines nor in JSON', async () => {
  const name = 'a\u001b]0;b\u0007\u009b2Jc\u202ed\u2066e\r\nf'
  const { id } = await world.addToken(world.people.stranger.id, { name })
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    const steers = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
    for (const words of [['tokens'], ['tokens', '--json']]) expect((await at(...words)).stdout).not.toMatch(steers)
    const told = JSON.parse((await at('tokens', '--json')).stdout) as { name: string }[]
    expect(told.map((token) => token.name)).toContain(name)
  } finally {
    await world.store.write.deleteFrom('access_tokens').where('id', '=', id).execute()
  }
})
