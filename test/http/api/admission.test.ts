import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi } from './api-server.ts'

let api: Awaited<ReturnType<typeof startApi>>
let hasty: Awaited<ReturnType<typeof startApi>>
beforeAll(async () => {
  api = await startApi()
  hasty = await startApi({}, {}, { bodyTime: 150 })
})
afterAll(() => Promise.all([api.close(), hasty.close()]))

interface Talk {
  readonly target?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** Sends a head and, maybe, some of its body; the connection stays open on our side. */
const talk = (to: { url: string }, { target = '/user/keys', headers = [], body = '' }: Talk) => {
  const { hostname, port } = new URL(to.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write([`POST /api/v4${target} HTTP/1.1`, 'Host: x', ...headers, '', body].join('\r\n'))
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes
  })
  const answer = async () => {
    while (!/\r\n\r\n.*[}\]]/s.test(text)) await once(socket, 'data')
    const [head = '', answered = ''] = text.split('\r\n\r\n')
    return { status: Number(head.split(' ')[1]), head, body: JSON.parse(/\{.*\}/s.exec(answered)?.[0] ?? 'null') }
  }
  return { socket, answer, closed: once(socket, 'close') }
}

const json = 'Content-Type: application/json'
const root = (server = api) => `PRIVATE-TOKEN: ${server.root.token}`
const unauthorized = { status: 401, body: { message: '401 Unauthorized' } }

describe('who calls is asked before a body is read: it never comes, the answer does', () => {
  const cases: [string, () => Talk, object][] = [
    ['an unknown token', () => ({ headers: [json, 'Content-Length: 50', 'PRIVATE-TOKEN: glpat-x'] }), unauthorized],
    [
      'an unknown token in the query',
      () => ({ target: '/users?private_token=no', headers: [json, 'Content-Length: 50'] }),
      unauthorized,
    ],
    [
      'nothing, and a body that holds no token',
      () => ({ headers: ['Content-Type: text/xml', 'Content-Length: 50'] }),
      unauthorized,
    ],
    ['nothing, and a body without a type', () => ({ headers: ['Content-Length: 50'] }), unauthorized],
    ['nothing, and a body too large for a token', () => ({ headers: [json, 'Content-Length: 65537'] }), unauthorized],
    ['too large a body', () => ({ headers: [json, 'Content-Length: 1048577', root()] }), { status: 413 }],
    [
      'too large a body from nobody, where anyone may ask',
      () => ({ target: '/groups/1/deploy_tokens', headers: [json, 'Content-Length: 1048577'] }),
      { status: 413 },
    ],
  ]
  test.each(cases)('%s', async (_name, what, expected) => {
    const { socket, answer } = talk(api, what())
    expect(await answer()).toMatchObject(expected)
    socket.destroy()
  })

  test('an expired token', async () => {
    const { token } = await api.addToken(api.root.id, { expires_at: '2026-03-01' })
    const { socket, answer } = talk(api, { headers: [json, 'Content-Length: 50', `Authorization: Bearer ${token}`] })
    expect(await answer()).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    socket.destroy()
  })
})

describe('a token in the body', () => {
  test('counts, and comes before that of the header', async () => {
    const { token } = await api.addToken(await api.addUser('small'))
    const post = (json: object, header?: string) => api.ask('POST', '/users', { token: header, json })
    expect((await post({ private_token: api.root.token })).status).toBe(400)
    expect((await post({ private_token: token })).status).toBe(403)
    expect((await post({ private_token: token }, api.root.token)).status).toBe(403)
    expect((await post({ private_token: 'glpat-unknown' }, api.root.token)).status).toBe(401)
    expect((await post({})).status).toBe(401)
  })

  test('with Sudo beside it', async () => {
    const id = await api.addUser('acted')
    const headers = { Sudo: String(id) }
    expect((await api.ask('POST', '/users', { headers, json: { private_token: api.root.token } })).status).toBe(403)
  })

  test('does not take more room than a token needs', async () => {
    const note = 'x'.repeat(70_000)
    expect((await api.ask('POST', '/users', { json: { private_token: api.root.token, note } })).status).toBe(401)
    expect((await api.ask('POST', '/users', { token: api.root.token, json: { note } })).status).toBe(400)
    const { socket, answer } = talk(api, {
      headers: [json, 'Transfer-Encoding: chunked'],
      body: `${(2 ** 17).toString(16)}\r\n"${'x'.repeat(2 ** 17 - 1)}\r\n0\r\n\r\n`,
    })
    expect((await answer()).status).toBe(413)
    socket.destroy()
  })
})

describe('a body that does not arrive', () => {
  const slow: [string, () => Talk][] = [
    ['is cut off where a token was shown', () => ({ headers: [json, 'Content-Length: 50', root(hasty)], body: '{"title"' })],
    ['is cut off where none was', () => ({ headers: [json, 'Content-Length: 50'], body: '{"private_' })],
    [
      'is cut off where it comes in chunks',
      () => ({ headers: [json, 'Transfer-Encoding: chunked', root(hasty)], body: '1\r\n{\r\n' }),
    ],
  ]
  test.each(slow)('%s', async (_name, what) => {
    const { answer, closed } = talk(hasty, what())
    const { status, head, body } = await answer()
    expect([status, body]).toEqual([408, { message: '408 Request Timeout - the body of the request did not arrive in time' }])
    expect(head).toMatch(/^connection: close/im)
    await closed
    expect(hasty.lines.at(-1)).toMatchObject({ status: 408, 'meta.refusal_reason': 'body_too_late' })
    expect(hasty.lines.filter((line) => line['err'] !== undefined)).toEqual([])
  })

  test('does not hold the connection after a refusal either, however much of it trickles in', async () => {
    const { socket, answer, closed } = talk(hasty, { headers: ['Content-Length: 5000'] })
    expect(await answer()).toMatchObject(unauthorized)
    const trickle = setInterval(() => socket.write('x'), 20)
    await closed
    clearInterval(trickle)
  })

  test('one that did arrive is not hurried after', async () => {
    const keep = { headers: [json, 'Content-Length: 2', root(hasty)], body: '{}' }
    const { socket, answer } = talk(hasty, keep)
    expect((await answer()).status).toBe(400)
    await new Promise((resolve) => setTimeout(resolve, 300))
    socket.write(`GET /api/v4/version HTTP/1.1\r\nHost: x\r\n${root(hasty)}\r\n\r\n`)
    const [bytes] = await once(socket, 'data')
    expect(String(bytes)).toMatch(/^HTTP\/1.1 200/)
    socket.destroy()
  })
})
