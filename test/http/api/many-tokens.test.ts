import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeApi } from '../../../src/http/api/app.ts'
import type { Schema } from '../../../src/store/schema.ts'
import { type ApiServer, startApi, today } from './api-server.ts'

/** Rows in the table of tokens, root's own among them. */
const many = 10_000
/** The project's bots, each with one token. */
const bots = 1_000

let api: ApiServer & { root: { token: string } }
let database: Database.Database
let project: number
let server: ReturnType<ReturnType<typeof makeApi>['listen']>
let base: string
const asked: { sql: string; parameters: readonly unknown[]; milliseconds: number }[] = []

beforeAll(async () => {
  api = await startApi()
  database = new Database(join(api.home, 'sallyport.db'), { timeout: 10_000 })
  database.prepare('attach database ? as activity').run(join(api.home, 'sallyport-activity.db'))
  const reply = await api.ask<{ id: number }>('POST', '/projects', { token: api.root.token, json: { path: 'tool' } })
  project = reply.body.id
  fill()
  const read = new Kysely<Schema>({
    dialect: new SqliteDialect({ database }),
    log: ({ query, queryDurationMillis: milliseconds }) =>
      void asked.push({ sql: query.sql, parameters: query.parameters, milliseconds }),
  })
  server = makeApi({ ...api.parts, store: { ...api.parts.store, read } }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`
})

afterAll(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
  await api?.close()
  database?.close()
})

/** So many seconds, or days, before the day of the test. */
const ago = (seconds: number): string => new Date(today - seconds * 1_000).toISOString()
const dayAgo = (days: number): string => ago(days * 86_400).slice(0, 10)

const fill = (): void => {
  const user = database.prepare(
    `insert into users (username, username_key, name, email, email_key, state, kind, is_admin, is_external, can_create_group,
       projects_limit, bot_project_id, created_at, updated_at)
     values (@name, @name, @name, @name, @name, 'active', @kind, 0, 0, 0, 0, @project, '${ago(0)}', '${ago(0)}')`,
  )
  const token = database.prepare(
    `insert into access_tokens (user_id, name, digest, scopes, impersonation, revoked, expires_at, created_at)
     values (?, ?, ?, '["read_api"]', 0, ?, ?, ?)`,
  )
  const used = database.prepare(`insert into activity.credential_usage values ('access-token', ?, ?)`)
  database.transaction(() => {
    const ada = user.run({ name: 'ada', kind: 'human', project: null }).lastInsertRowid
    for (let index = 1; index < many; index += 1) {
      const isBot = index <= bots
      const owner = isBot ? user.run({ name: `bot-${index}`, kind: 'project_bot', project }).lastInsertRowid : ada
      const scattered = (index * 7_919) % many
      const { lastInsertRowid } = token.run(
        owner,
        `token ${scattered}`,
        `digest ${index}`,
        index % 10 === 0 ? 1 : 0,
        dayAgo((scattered % 400) - 200),
        ago(many - index),
      )
      if (index % 3 === 0) used.run(lastInsertRowid, ago(scattered))
    }
  })()
}

const get = async (path: string): Promise<{ headers: Headers; body: { id: number }[] }> => {
  const response = await fetch(`${base}${path}`, { headers: { 'PRIVATE-TOKEN': api.root.token } })
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return { headers: response.headers, body: (await response.json()) as { id: number }[] }
}

describe(`${many} tokens`, () => {
  test.each([
    ['/personal_access_tokens', many],
    ['/personal_access_tokens?sort=name_desc', many],
    ['/personal_access_tokens?revoked=false', 9_001],
  ])('come in pages, each of them once: %s', async (path, total) => {
    const ids = new Set<number>()
    const mark = path.includes('?') ? '&' : '?'
    for (let page: string | null = '1'; page; ) {
      const { headers, body }: Awaited<ReturnType<typeof get>> = await get(`${path}${mark}per_page=100&page=${page}`)
      for (const { id } of body) ids.add(id)
      expect([headers.get('x-total'), headers.get('x-total-pages')]).toEqual([String(total), String(Math.ceil(total / 100))])
      page = headers.get('x-next-page')
    }
    expect(ids.size).toBe(total)
  })

  test('beyond that no totals are told', async () => {
    const { token } = await api.addToken((await api.addUser('one-more')) as never)
    expect(token).toMatch(/^glpat-/)
    const { headers } = await get('/personal_access_tokens?per_page=100&page=100')
    expect([headers.get('x-total'), headers.get('x-next-page')]).toEqual([null, '101'])
  })
})

const lists = ['/personal_access_tokens?', '/personal_access_tokens?user_id=2&', '/projects/1/access_tokens?'] as const
const filters = [
  '',
  'state=active',
  'state=inactive',
  'revoked=true',
  'search=77',
  `expires_before=${dayAgo(190)}`,
  `expires_after=${dayAgo(-190)}`,
  `created_before=${ago(9_900)}`,
  `created_after=${ago(100)}`,
  `last_used_before=${ago(9_900)}`,
  `last_used_after=${ago(100)}`,
  'sort=created_desc',
  'sort=expires_asc',
  'sort=name_asc',
  'sort=last_used_desc',
  'state=active&sort=expires_asc',
]

/** How SQLite goes about what one request asks of tokens, as it explains it. */
const plansOf = async (path: string): Promise<string[]> => {
  asked.splice(0)
  await get(path)
  const ofTokens = asked.filter(({ sql }) => /from "access_tokens"/.test(sql) && !/"digest" = /.test(sql))
  return ofTokens.flatMap(({ sql, parameters }) => {
    const steps = database.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
    return [/count\(\*\)/.test(sql) ? '  count' : '  page', ...steps.map(({ detail }) => `    ${detail}`)]
  })
}

describe('how the lists are read', () => {
  const plans = new Map<string, string[]>()
  beforeAll(async () => {
    for (const list of lists) {
      for (const filter of filters) plans.set(`GET ${list}${filter}`.replace(/[?&]$/, ''), await plansOf(`${list}${filter}`))
    }
  })

  test('is as it was looked over', async () => {
    const text = [...plans].map(([path, steps]) => [path, ...steps, ''].join('\n')).join('\n')
    await expect(text).toMatchFileSnapshot('../../store/token-lists.plans.txt')
  })

  test('nothing is sorted that an index has in order; only the time of last use stands in the second file', () => {
    const sorted = [...plans].filter(
      ([path, steps]) => /personal_access_tokens(?!\?user_id)/.test(path) && /B-TREE FOR ORDER BY/.test(steps.join()),
    )
    expect(sorted.map(([path]) => path)).toEqual(['GET /personal_access_tokens?sort=last_used_desc'])
  })

  test('one user’s and one project’s tokens are found by index alone', () => {
    const read = [...plans].filter(([path]) => !/personal_access_tokens(?!\?user_id)/.test(path))
    const scans = read.filter(([, steps]) => steps.some((step) => /SCAN (?!counted|\()/.test(step)))
    expect(scans).toEqual([])
  })

  test('the last page too is there before anyone waits', async () => {
    for (const filter of filters) {
      asked.splice(0)
      await get(`/personal_access_tokens?${filter}&per_page=100&page=100`)
      const slowest = Math.max(...asked.map(({ milliseconds }) => milliseconds))
      expect([filter, slowest < 500]).toEqual([filter, true])
    }
  })
})
