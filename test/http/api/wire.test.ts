import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi } from './api-server.ts'

let api: Awaited<ReturnType<typeof startApi>>
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

type Sent = NonNullable<RequestInit['body']>

const post = async (body: Sent | undefined, headers: Record<string, string>, path = '/users') => {
  const response = await fetch(`${api.url}/api/v4${path}`, {
    method: 'POST',
    headers: { 'PRIVATE-TOKEN': api.root.token, ...headers },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, body: await response.json() }
}

/** Sends a target as it stands: fetch would tidy it. */
const raw = (target: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url)
    request({ hostname, port, path: target, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })

const json = { 'Content-Type': 'application/json' }
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const deep = `${'['.repeat(40)}1${']'.repeat(40)}`

describe('bodies', () => {
  const missing = { error: expect.stringContaining('email is missing') }
  const cases: [string, Sent | undefined, Record<string, string>, number, object][] = [
    ['none', undefined, {}, 400, missing],
    ['an empty form', '', form, 400, missing],
    ['JSON', '{}', json, 400, missing],
    ['JSON of another name', '{}', { 'Content-Type': 'application/merge-patch+json; charset=utf-8' }, 400, missing],
    ['JSON cut short', '{"email":', json, 400, { error: 'message body does not match declared format' }],
    ['JSON that is no object', '"text"', json, 400, { error: 'message body does not match declared format' }],
    ['a JSON list', '[1]', json, 400, { error: 'the body must be a JSON object' }],
    ['JSON nested deeply', `{"email":${deep}}`, json, 400, { error: expect.stringContaining('nested too deeply') }],
    ['a form in two forms', 'a=1&a[b]=2', form, 400, { error: 'parameter a is given in two forms' }],
    ['a form with very many names', 'a=1&'.repeat(2000), form, 400, { error: 'too many parameters' }],
    ['too much', `{"note":"${'x'.repeat(2 ** 20)}"}`, json, 413, { error: 'the body is too large' }],
    [
      'too much, packed small',
      gzipSync(Buffer.alloc(2 ** 22, 'x')),
      { ...form, 'Content-Encoding': 'gzip' },
      413,
      { error: 'the body is too large' },
    ],
    ['an unknown packing', '{}', { ...json, 'Content-Encoding': 'zip' }, 415, { error: 'the content encoding is not supported' }],
    ['XML', '<user/>', { 'Content-Type': 'text/xml' }, 415, { error: "The provided content-type 'text/xml' is not supported." }],
    [
      'another charset',
      '{}',
      { 'Content-Type': 'application/json; charset=klingon' },
      415,
      { error: 'the charset is not supported' },
    ],
  ]
  test.each(cases)('%s', async (_name, body, headers, status, answer) => {
    expect(await post(body, headers)).toMatchObject({ status, body: answer })
  })

  test('parts of a form, as curl -F and clients send them', async () => {
    const body = new FormData()
    body.set('name', 'two words, é')
    body.append('scopes[]', 'api')
    body.append('scopes[]', 'read_user')
    body.set('avatar', new Blob(['not a picture']), 'a.png')
    const path = `/users/${api.root.id}/personal_access_tokens`
    expect(await post(body, {}, path)).toMatchObject({
      status: 201,
      body: { name: 'two words, é', scopes: ['api', 'read_user'] },
    })
  })

  const type = 'multipart/form-data; boundary=b'
  const broken: [string, string, string][] = [
    ['no boundary', '--b\r\n\r\n--b--', 'multipart/form-data'],
    ['another boundary', '--c\r\nContent-Disposition: form-data; name="email"\r\n\r\nx\r\n--c--\r\n', type],
    ['no end', '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nx', type],
    ['no name', '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n', type],
  ]
  test.each(broken)('parts of a form with %s', async (_name, body, contentType) => {
    const answer = { status: 400, body: { error: 'message body does not match declared format' } }
    expect(await post(body, { 'Content-Type': contentType })).toMatchObject(answer)
  })

  test('the body wins over the query; a packed body is read', async () => {
    const packed = gzipSync('{"name":"","scopes":["api"]}')
    const reply = await post(
      packed,
      { ...json, 'Content-Encoding': 'gzip' },
      `/users/${api.root.id}/personal_access_tokens?name=good`,
    )
    expect(reply).toEqual({ status: 400, body: { message: "Name can't be blank" } })
  })
})

test('answers are JSON of exactly this name, as GitLab’s are', async () => {
  const { headers } = await api.ask('GET', '/version', { token: api.root.token })
  expect([headers.get('content-type'), Number(headers.get('content-length'))]).toEqual(['application/json', expect.any(Number)])
  const refused = await api.ask('GET', '/version')
  expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/json'])
})

test('a query goes on after its second question mark, and comes back whole in links', async () => {
  const headers = { 'PRIVATE-TOKEN': api.root.token }
  const { headers: told } = await fetch(`${api.url}/api/v4/users?search=a?b&per_page=7`, { headers })
  expect(told.get('x-per-page')).toBe('7')
  expect(told.get('link')).toContain('?search=a%3Fb&per_page=7&page=1>')
})

describe('paths', () => {
  const token = () => ({ 'PRIVATE-TOKEN': api.root.token })
  const cases: [string, number][] = [
    ['/api/v4/users/%zz', 400],
    ['/api/v4/projects/%00', 400],
    ['/api/v4/users/..%2f..%2f', 400],
    ['/api/v4/projects/a%2F..%2Fb', 404],
    ['/api/v4/../../etc/passwd', 404],
    ['/api/v4/users?search=%00', 400],
    ['/api/v4/users?a=2&a[b]=1', 400],
    ['/api/v4//users', 404],
    ['/api/v4/USERS', 404],
    ['/api/v4/users/', 200],
    ['/api/v4/users?page=zero', 400],
  ]
  test.each(cases)('%s: %i', async (target, status) => {
    expect(await raw(target, token())).toBe(status)
  })
})

describe('a fault', () => {
  test('is told by its number, which the log has, and nothing else', async () => {
    const broken = await startApi()
    const reply = await broken.ask<{ message: string; correlation_id: string }>('GET', '/user', { token: broken.root.token })
    const good = broken.lines.length
    expect(reply.status).toBe(200)
    await broken.store.close()
    const failed = await broken.ask<{ message: string; correlation_id: string }>('GET', '/user', { token: broken.root.token })
    expect(failed.status).toBe(500)
    expect(Object.keys(failed.body)).toEqual(['message', 'correlation_id'])
    expect(failed.body.message).toBe('500 Internal Server Error')
    expect(failed.headers.get('x-request-id')).toBe(failed.body.correlation_id)
    const told = broken.lines.slice(good).filter((line) => line['msg'] === 'a request failed')
    expect(told).toMatchObject([{ correlation_id: failed.body.correlation_id }])
    await broken.close()
  })
})

describe('pages', () => {
  beforeAll(async () => {
    for (let number = 1; number <= 5; number += 1) await api.addUser(`page${number}`)
  })

  const page = (query: string) =>
    api.ask<{ username: string }[]>('GET', `/users?search=page&sort=asc&${query}`, { token: api.root.token })

  test('the middle one', async () => {
    const reply = await page(`per_page=2&page=2&private_token=${api.root.token}`)
    expect(reply.body.map(({ username }) => username)).toEqual(['page3', 'page4'])
    const header = (name: string) => reply.headers.get(name)
    expect(['x-total', 'x-total-pages', 'x-page', 'x-per-page', 'x-next-page', 'x-prev-page'].map(header)).toEqual([
      '5',
      '3',
      '2',
      '2',
      '3',
      '1',
    ])
    const to = (number: number, rel: string) =>
      `<https://git.example.org/api/v4/users?search=page&sort=asc&per_page=2&page=${number}>; rel="${rel}"`
    expect(header('link')).toBe([to(1, 'prev'), to(3, 'next'), to(1, 'first'), to(3, 'last')].join(', '))
  })

  const edges: [string, number, string, string][] = [
    ['per_page=2&page=3', 1, '', '2'],
    ['per_page=5', 5, '', ''],
    ['page=99', 0, '', '98'],
    ['page=0&per_page=0', 1, '2', ''],
    ['page=-7&per_page=1000', 5, '', ''],
    ['page=999999999999&per_page=100', 0, '', String(2 ** 31 - 1)],
  ]
  test.each(edges)('%s', async (query, rows, next, previous) => {
    const reply = await page(query)
    expect([reply.status, reply.body.length, reply.headers.get('x-next-page'), reply.headers.get('x-prev-page')]).toEqual([
      200,
      rows,
      next,
      previous,
    ])
  })

  test('nothing at all is one page', async () => {
    const { headers } = await api.ask('GET', '/users?search=nobody-here', { token: api.root.token })
    expect([headers.get('x-total'), headers.get('x-total-pages')]).toEqual(['0', '1'])
  })
})
