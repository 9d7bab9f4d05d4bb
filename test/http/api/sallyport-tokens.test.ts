import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { today } from './api-server.ts'
import { startWorld, type Who, type World } from './world.ts'

let world: World
let project: number
const ids: Record<string, number> = {}

interface Token {
  readonly id: number
  readonly kind: string
}

beforeAll(async () => {
  world = await startWorld()
  project = await world.project('tools')
  const token = async (name: string, fields: Parameters<World['addToken']>[1]) => {
    ids[name] = (await world.addToken(world.people.stranger.id, { name, ...fields })).id
  }
  await token('laptop', { expires_at: '2026-06-27' })
  await token('acting', { expires_at: '2026-06-27', impersonation: 1 })
  await token('revoked', { expires_at: '2026-06-27', revoked: 1 })
  await token('past', { expires_at: '2024-06-03' })
  for (const [place, name] of [
    [`/projects/${project}`, 'of tools'],
    [`/groups/${world.group}`, 'of team'],
  ] as const) {
    const json = { name, scopes: ['api'], expires_at: '2026-06-30' }
    const reply = await world.ask<Token>('POST', `${place}/access_tokens`, { token: world.people.root.token, json })
    ids[name] = reply.body.id
  }
})

afterAll(() => world.close())

const get = <Body>(path: string, who: Who = 'root') =>
  world.ask<Body>('GET', `/sallyport/tokens${path}`, { token: world.token(who) })
const numbers = (...names: string[]): (number | undefined)[] => names.map((name) => ids[name])

describe('who may look', () => {
  test.each<[Who, number]>([
    ['anonymous', 401],
    ['stranger', 403],
    ['owner', 403],
    ['root', 200],
  ])('%s: %d', async (who, status) => {
    expect((await get('', who)).status).toBe(status)
    expect((await get('/expiry_dates', who)).status).toBe(status)
    const json = { expires_on: '2026-06-27', to: '2026-07-27' }
    expect((await world.ask('POST', '/sallyport/tokens/extend', { token: world.token(who), json })).status).toBe(status)
  })
})

describe('the list', () => {
  test.each([
    { query: 'expires_on=2026-06-27', names: ['laptop', 'acting'] },
    { query: 'expires_on=2026-06-27&state=all', names: ['laptop', 'acting', 'revoked'] },
    { query: 'expires_in_month=2026-06', names: ['laptop', 'acting', 'of tools', 'of team'] },
    { query: 'expires_in_month=2024-06', names: ['past'] },
    { query: 'kind=project', names: ['of tools'] },
    { query: 'kind=group&group=team', names: ['of team'] },
    { query: 'project=team%2Ftools', names: ['of tools'] },
    { query: 'kind=impersonation&user=stranger', names: ['acting'] },
    { query: 'state=inactive&user=stranger', names: ['revoked', 'past'] },
    { query: 'expires_in_month=2026-06&sort=expires_desc', names: ['of team', 'of tools', 'acting', 'laptop'] },
    { query: 'unused_since=2020-01-01', names: [] },
  ])('$query', async ({ query, names }) => {
    const reply = await get<Token[]>(`?${query}`)
    expect(reply.status).toBe(200)
    expect(reply.body.map(({ id }) => id)).toEqual(numbers(...names))
  })

  test('says of each whose it is, and comes in pages', async () => {
    const reply = await get<Token[]>('?expires_in_month=2026-06&per_page=1&page=3')
    expect(reply.headers.get('x-total')).toBe('4')
    expect(reply.body).toEqual([
      expect.objectContaining({ kind: 'project', project_id: project, group_id: null, active: true, expires_at: '2026-06-30' }),
    ])
    expect(JSON.stringify(reply.body)).not.toMatch(/digest|glpat/)
  })

  test('a token used by this very call is not among the unused', async () => {
    world.moveClock(today + 86_400_000)
    expect((await get<Token[]>('?unused_since=2026-03-11&user=root')).body).toEqual([])
    expect((await get<Token[]>('?unused_since=2026-03-11&user=owner')).body).toHaveLength(1)
    world.moveClock(today)
  })

  test.each([
    ['user=nobody', 404, { message: '404 User Not Found' }],
    ['project=team%2Fnone', 404, { message: '404 Project Not Found' }],
    ['group=999999', 404, { message: '404 Group Not Found' }],
    ['kind=sorts', 400, { error: 'kind does not have a valid value' }],
    ['expires_on=2026-02-30', 400, { error: 'expires_on is invalid' }],
    ['expires_in_month=2026-6', 400, { error: 'expires_in_month is invalid' }],
    ['unused_since=never', 400, { error: 'unused_since is invalid' }],
    ['state=odd', 400, { error: 'state does not have a valid value' }],
  ])('%s: %d', async (query, status, body) => {
    expect(await get(`?${query}`)).toMatchObject({ status, body })
  })
})

test('the days on which most end', async () => {
  expect((await get('/expiry_dates')).body).toEqual([
    { expires_at: '2026-06-27', count: 2 },
    { expires_at: '2026-06-30', count: 2 },
  ])
  expect((await get('/expiry_dates?top=1&kind=group')).body).toEqual([{ expires_at: '2026-06-30', count: 1 }])
})

describe('an extension', () => {
  const extend = (json: Record<string, unknown>) =>
    world.ask<Record<string, unknown>>('POST', '/sallyport/tokens/extend', { token: world.token('root'), json })
  const endOf = async (name: string): Promise<string | null | undefined> =>
    (await world.store.read.selectFrom('access_tokens').where('name', '=', name).select('expires_at').executeTakeFirst())
      ?.expires_at

  test.each([
    ['beyond the longest life', '2027-03-11', '400 Bad request - Expiration date must be before 2027-03-10'],
    ['backwards', '2026-06-26', '400 Bad request - Expiration date must be after 2026-06-27'],
  ])('%s is refused', async (_what, to, message) => {
    expect(await extend({ expires_on: '2026-06-27', to, apply: true })).toMatchObject({ status: 400, body: { message } })
    expect(await endOf('laptop')).toBe('2026-06-27')
  })

  test('is a dry run first', async () => {
    const reply = await extend({ expires_on: '2026-06-27', to: '2026-09-01' })
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual({
      applied: false,
      expires_on: '2026-06-27',
      to: '2026-09-01',
      count: 1,
      tokens: [{ id: ids['laptop'], kind: 'personal', name: 'laptop', user_id: world.people.stranger.id }],
    })
    expect(await endOf('laptop')).toBe('2026-06-27')
  })

  test('leaves out what is revoked or for impersonation, and is audited', async () => {
    const reply = await extend({ expires_on: '2026-06-27', to: '2026-09-01', apply: true })
    expect(reply.body).toMatchObject({ applied: true, count: 1 })
    expect(await Promise.all(['laptop', 'acting', 'revoked'].map(endOf))).toEqual(['2026-09-01', '2026-06-27', '2026-06-27'])
    expect((await extend({ expires_on: '2026-06-27', to: '2026-09-01', apply: true })).body).toMatchObject({ count: 0 })
  })

  test('of one project alone', async () => {
    const reply = await extend({ expires_on: '2026-06-30', to: '2026-09-01', project: 'team/tools', apply: true })
    expect(reply.body).toMatchObject({ count: 1, tokens: [{ id: ids['of tools'] }] })
    expect(await endOf('of team')).toBe('2026-06-30')
  })
})
