import type { AddressInfo } from 'node:net'
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeApi } from '../../../src/http/api/app.ts'
import { startWorld, type World } from './world.ts'

let world: World
let plansUrl: string
let closePlans: () => Promise<void>
const asked: CompiledQuery[] = []

beforeAll(async () => {
  world = await startWorld()
  for (let index = 0; index < 7; index += 1) await world.project(`p${index}`)
  for (let index = 0; index < 5; index += 1) {
    const json = { name: `Twin ${index % 2}`, path: `twin${index}` }
    await world.ask('POST', '/groups', { token: world.token('root'), json })
  }
  await fill()
  await watch()
}, 60_000)

afterAll(async () => {
  await closePlans?.()
  await world?.close()
})

const many = 10_500

/** Tokens of one user, by one statement: nobody could make so many in time. */
const fill = async (): Promise<void> => {
  const { developer } = world.people
  await world.store.write.executeQuery(
    CompiledQuery.raw(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${many})
       insert into access_tokens (user_id, name, digest, scopes, impersonation, revoked, created_at, expires_at)
       select ${developer.id}, 'many ' || i, 'digest ' || i, '["api"]', 0, 0, '2026-01-01T00:00:00.000Z', '2026-12-' || (10 + i % 20) from n`,
    ),
  )
}

/** The same API over a store that notes what it is asked to read. */
const watch = async (): Promise<void> => {
  const { read } = world.store
  const noting: KyselyPlugin = {
    transformQuery({ node, queryId }): RootOperationNode {
      if (node.kind === 'SelectQueryNode') asked.push(read.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const api = makeApi({ ...world.parts, store: { ...world.store, read: read.withPlugin(noting) } })
  const server = api.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  plansUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`
  closePlans = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** The steps of what reads the page itself, and counts; what belongs to its rows is looked up for these few alone. */
const plansOf = async (path: string, token: string | undefined): Promise<readonly string[]> => {
  asked.length = 0
  const reply = await fetch(plansUrl + path, { headers: { 'PRIVATE-TOKEN': token ?? '' } })
  expect(reply.status).toBe(200)
  const steps: string[] = []
  for (const { sql, parameters } of asked.splice(0).filter((query) => query.sql.includes('limit ?'))) {
    const plan = await world.store.read.executeQuery<{ detail: string }>(
      CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
    )
    steps.push(...plan.rows.map(({ detail }) => detail))
  }
  return steps
}

const nextOf = (headers: Headers): string | undefined =>
  /<https:\/\/git\.example\.org\/api\/v4([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]

type Listed = { id: number; name: string; username: string }

const walk = async (path: string): Promise<{ rows: Listed[]; pages: number }> => {
  const rows: Listed[] = []
  let pages = 0
  for (let next: string | undefined = path; next !== undefined; pages += 1) {
    const reply = await world.ask<Listed[]>('GET', next, { token: world.token('root') })
    expect(reply.status).toBe(200)
    for (const name of ['x-total', 'x-page', 'x-next-page']) expect(reply.headers.has(name)).toBe(false)
    rows.push(...reply.body)
    next = nextOf(reply.headers)
  }
  return { rows, pages }
}

describe('a list that is walked by key', () => {
  const walks: readonly [string, string, keyof Listed][] = [
    ['/projects', '/projects?order_by=id&sort=asc', 'id'],
    ['/projects', '/projects?order_by=id&sort=desc', 'id'],
    ['/groups', '/groups?order_by=name&sort=asc', 'name'],
    ['/groups', '/groups?', 'name'],
    ['/users', '/users?order_by=id&sort=asc', 'id'],
    ['/users', '/users?order_by=username&sort=desc', 'username'],
    ['/users', '/users?order_by=name&sort=asc', 'name'],
    ['/users', '/users?order_by=created_at', 'id'],
    ['/users', '/users?', 'id'],
  ]
  test.each(walks)('%s as %s has everything once and in order', async (all, path, by) => {
    const { rows, pages } = await walk(`${path}&pagination=keyset&per_page=2`)
    const { body } = await world.ask<Listed[]>('GET', `${all}?per_page=100`, { token: world.token('root') })
    expect(rows.map(({ id }) => id).sort()).toEqual(body.map(({ id }) => id).sort())
    expect(pages).toBe(Math.ceil(body.length / 2))
    const plain = await world.ask<Listed[]>('GET', `${path}&per_page=100`, { token: world.token('root') })
    expect(rows.map((row) => row[by])).toEqual(plain.body.map((row) => row[by]))
  })

  test('does not lose its place when rows come and go', async () => {
    const first = await world.ask<Listed[]>('GET', '/projects?pagination=keyset&order_by=id&sort=asc&per_page=3', {
      token: world.token('root'),
    })
    await world.ask('DELETE', `/projects/${first.body[0]?.id}`, { token: world.token('root') })
    const second = await world.ask<Listed[]>('GET', nextOf(first.headers) ?? '', { token: world.token('root') })
    expect(second.body[0]?.id).toBe((first.body[2]?.id ?? 0) + 1)
  })
})

const unavailable = { error: 'Keyset pagination is not yet available for this type of request' }

describe('refused', () => {
  test.each([
    ['/projects?pagination=keyset', 405, unavailable],
    ['/projects?pagination=keyset&order_by=name', 405, unavailable],
    ['/groups?pagination=keyset&order_by=id', 405, unavailable],
    ['/groups?pagination=keyset&sort=desc', 405, unavailable],
    ['/users?pagination=keyset&cursor=nonsense', 400, { error: 'cursor is invalid' }],
    ['/users?pagination=keyset&cursor=WyJhIl0', 400, { error: 'cursor is invalid' }],
    ['/projects?page=501&per_page=100', 405, { error: expect.stringContaining('maximum allowed offset of 50000') }],
    ['/users?per_page=x', 400, { error: 'per_page is invalid' }],
    ['/users?page=1.5', 400, { error: 'page is invalid' }],
  ])('%s: %i', async (path, status, body) => {
    expect(await world.ask('GET', path, { token: world.token('root') })).toMatchObject({ status, body })
  })

  test('where a list cannot be walked so, the word means nothing, as in GitLab', async () => {
    const reply = await world.ask('GET', `/groups/${world.group}/members?pagination=keyset`, { token: world.token('root') })
    expect(reply.headers.get('x-total')).toBe('6')
  })

  test('a negative size is as none, a large one is the largest', async () => {
    for (const [asked, got] of [
      ['-3', '20'],
      ['1000', '100'],
    ]) {
      const { headers } = await world.ask('GET', `/users?per_page=${asked}`, { token: world.token('root') })
      expect(headers.get('x-per-page')).toBe(got)
    }
  })
})

describe(`${many} tokens`, () => {
  test('are listed without totals, to the last page', async () => {
    const path = `/personal_access_tokens?user_id=${world.people.developer.id}&per_page=100&page=106`
    const reply = await world.ask<Listed[]>('GET', path, { token: world.token('root') })
    expect(reply.body).toHaveLength(1)
    expect(reply.headers.has('x-total')).toBe(false)
    expect(reply.headers.get('link')).not.toContain('rel="last"')
  })

  test.each([
    '/personal_access_tokens',
    '/personal_access_tokens?state=active&page=50',
    '/personal_access_tokens?user_id=4',
    '/projects?pagination=keyset&order_by=id',
    '/users?pagination=keyset&order_by=name&sort=asc&cursor=WyJhIiwxXQ',
    '/users?pagination=keyset&order_by=created_at&cursor=WyJhIiwxXQ',
    '/groups?pagination=keyset&cursor=WyJhIiwxXQ',
  ])('%s: no table is read whole to be sorted', async (path) => {
    const steps = await plansOf(path, world.token('root'))
    expect(steps.length).toBeGreaterThan(0)
    expect(steps.filter((step) => step.includes('TEMP B-TREE FOR ORDER BY'))).toEqual([])
  })

  test('the watch sees a sort where there is one', async () => {
    const steps = await plansOf('/projects?order_by=name', world.token('root'))
    expect(steps.filter((step) => step.includes('TEMP B-TREE')).length).toBeGreaterThan(0)
  })
})
