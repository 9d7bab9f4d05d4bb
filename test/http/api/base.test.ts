import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApi } from './api-server.ts'

let api: Awaited<ReturnType<typeof startApi>>
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const lastLine = async (): Promise<Record<string, unknown>> => {
  await new Promise((resolve) => setImmediate(resolve))
  return api.lines.at(-1) ?? {}
}

describe('every request', () => {
  test('an unknown route, with and without a token', async () => {
    expect(await api.ask('GET', '/nowhere')).toMatchObject({ status: 404, body: { error: '404 Not Found' } })
    const outside = await fetch(`${api.url}/elsewhere`)
    expect([outside.status, await outside.json()]).toEqual([404, { error: '404 Not Found' }])
  })

  test('a method that a path does not take', async () => {
    expect(await api.ask('POST', '/version', { token: api.root.token })).toMatchObject({
      status: 405,
      body: { error: '405 Not Allowed' },
    })
  })

  test('version and metadata', async () => {
    expect(await api.ask('GET', '/version')).toMatchObject({ status: 401, body: { message: '401 Unauthorized' } })
    expect(await api.ask('GET', '/version', { token: api.root.token })).toMatchObject({
      status: 200,
      body: { version: '18.5.0-sallyport.0.1.0', revision: '0.1.0' },
    })
    expect(await api.ask('GET', '/metadata', { token: api.root.token })).toMatchObject({
      status: 200,
      body: { version: '18.5.0-sallyport.0.1.0', enterprise: false, kas: { enabled: false } },
    })
  })

  test('says nothing of the framework, and is not cached', async () => {
    const { headers } = await api.ask('GET', '/version', { token: api.root.token })
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('etag')).toBeNull()
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('HEAD is GET without a body', async () => {
    const reply = await api.ask('HEAD', '/version', { token: api.root.token })
    expect([reply.status, reply.body]).toEqual([200, undefined])
  })

  test('leaves one line, with its id, without its query', async () => {
    const { headers } = await api.ask('GET', `/version?private_token=${api.root.token}`)
    const line = await lastLine()
    expect(line).toMatchObject({
      correlation_id: headers.get('x-request-id'),
      method: 'GET',
      path: '/api/v4/version',
      status: 200,
      username: 'root',
      token_type: 'PersonalAccessToken',
      token_kind: 'personal-access-token',
    })
    expect(JSON.stringify(api.lines)).not.toContain(api.root.token)
  })
})
