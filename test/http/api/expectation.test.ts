import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeApi } from '../../../src/http/api/app.ts'
import { type ApiServer, startApi } from './api-server.ts'

let api: ApiServer & { root: { token: string } }
let server: Server
let port: number

beforeAll(async () => {
  api = await startApi()
  // As the HTTP door has it: nobody says "100 Continue" but the API itself.
  const app = makeApi(api.parts)
  server = createServer(app).on('checkContinue', app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await api.close()
})

/** Sends a head, and a body once it is asked for; all that was heard until the connection ended. */
const say = (target: string, headers: readonly string[], body: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString()
      if (heard === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(body)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
    const lines = [
      `${target} HTTP/1.1`,
      'Host: x',
      `Content-Length: ${body.length}`,
      'Content-Type: application/json',
      ...headers,
    ]
    socket.write(`${lines.join('\r\n')}\r\nExpect: 100-continue\r\n\r\n`)
  })

const body = '{"name":"team","path":"team"}'

test('the body of whoever is known is asked for', async () => {
  const heard = await say('POST /api/v4/groups', [`PRIVATE-TOKEN: ${api.root.token}`], body)
  expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
})

describe('the body is not asked for, and the connection ends', () => {
  test.each<[string, string, () => readonly string[], string, number]>([
    ['of a wrong token', 'POST /api/v4/groups', () => ['PRIVATE-TOKEN: glpat-wrong'], body, 401],
    ['of a large body without a token', 'POST /api/v4/groups', () => [], `"${'x'.repeat(100_000)}"`, 401],
    [
      'of a body that is too large',
      'POST /api/v4/groups',
      () => [`PRIVATE-TOKEN: ${api.root.token}`],
      'x'.repeat(1_200_000),
      413,
    ],
    ['of a route that is none', 'POST /api/v4/nothing', () => [`PRIVATE-TOKEN: ${api.root.token}`], body, 404],
    ['of a method that is none', 'PATCH /api/v4/version', () => [`PRIVATE-TOKEN: ${api.root.token}`], body, 405],
  ])('%s', async (_what, target, headers, sent, status) => {
    const heard = await say(target, headers(), sent)
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(heard).toMatch(/\r\nConnection: close\r\n/i)
    expect(heard).not.toContain('100 Continue')
  })
})
