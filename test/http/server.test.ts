import { once } from 'node:events'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WrongSetting } from '../../src/config.ts'
import { GitStage, type StageOptions } from '../support/git-stage.ts'
import { requestHead, sendRaw } from './raw.ts'

let stage: GitStage | undefined
afterEach(async () => {
  await stage?.close()
  stage = undefined
})

const open = async (options: StageOptions = {}): Promise<GitStage> => {
  stage = await GitStage.open(options)
  return stage
}

const get = async (at: GitStage, path: string, init: RequestInit = {}) => {
  const response = await fetch(`${at.url}${path}`, init)
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('the server', () => {
  test('tells its health', async () => {
    let ready = false
    const at = await open({ isReady: () => ready })
    expect(await get(at, '/-/health')).toMatchObject({ status: 200, text: 'GitLab OK' })
    expect(await get(at, '/-/liveness')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expect(await get(at, '/-/readiness')).toMatchObject({ status: 503 })
    ready = true
    expect(await get(at, '/-/readiness')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expect(await get(at, '/-/readiness', { method: 'POST' })).toMatchObject({ status: 405 })
  })

  test.each(['/api/v4/version', '/api/v4/projects/a%2Fb.git', '/oauth/token', '/jwt/auth', '/.well-known/x', '/-/jwks'])(
    'leaves %s to the API, with an id',
    async (path) => {
      const { status, text, headers } = await get(await open(), path)
      expect([status, text]).toEqual([200, `api ${path}`])
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    },
  )

  test('leaves it to the API whether a body is wanted that waits for 100 Continue', async () => {
    const at = await open()
    const head = requestHead('POST /api/v4/projects', ['Content-Length: 2', 'Expect: 100-continue'])
    const answer = await sendRaw(at.port, head)
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('api /api/v4/projects')
  })

  test('cuts off a head that does not come to its end', async () => {
    const at = await open({ limits: { head: 200, lookEvery: 50 } })
    const answer = await sendRaw(at.port, 'GET /castle/gate.git/info/refs HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    expect(answer.status).toBe(408)
    expect(await at.lineWhere((line) => line['status'] === 408)).toMatchObject({ remote_ip: '127.0.0.1' })
  })

  test('cuts off a connection on which nothing moves', async () => {
    const at = await open({ limits: { idle: 150 } })
    const developer = at.user('ada')
    await at.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
    const authorization = `Authorization: Basic ${Buffer.from(`x:${at.token(developer)}`).toString('base64')}`
    const headers = [authorization, 'Content-Type: application/x-git-receive-pack-request', 'Content-Length: 1000']
    const answer = await sendRaw(at.port, `${requestHead('POST /castle/gate.git/git-receive-pack', headers)}00`)
    expect(answer.status).toBeNaN()
    await at.lineWhere((line) => line['status'] === 499)
    expect(at.spawns).toEqual([])
  })

  test('says in one line when its address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const opened = GitStage.open({ port })
    await expect(opened).rejects.toThrow(WrongSetting)
    await expect(opened).rejects.toThrow(`SALLYPORT_HTTP (--http): 127.0.0.1:${port} is taken`)
    other.close()
  })

  test('answers a fault with its id, which the log has too', async () => {
    const at = await open({
      engine: (engine) => ({
        ...engine,
        knownAdvertisement: async () => {
          throw new Error('the disk is on fire')
        },
      }),
    })
    await at.project('castle/gate', { facts: { visibility: 'public' } })
    const { status, text, headers } = await get(at, '/castle/gate.git/info/refs?service=git-upload-pack')
    expect(status).toBe(500)
    const id = headers.get('x-request-id') ?? ''
    expect(text).toContain(id)
    expect(text).not.toContain('fire')
    const line = await at.lineWhere((entry) => entry['correlation_id'] === id)
    expect(line).toMatchObject({ level: 50, status: 500, err: { message: 'the disk is on fire' } })
  })
})

describe('an orderly stop', () => {
  /** A push whose pack does not come, with git waiting for it. */
  const pushing = async (at: GitStage) => {
    const developer = at.user('ada')
    await at.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
    const sending = request(`${at.url}/castle/gate.git/git-receive-pack`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-git-receive-pack-request',
        Authorization: `Basic ${Buffer.from(`x:${at.token(developer)}`).toString('base64')}`,
      },
    })
    const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status`
    sending.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`)
    while (at.spawns.length === 0) await new Promise((resolve) => setImmediate(resolve))
    return sending
  }

  test('lets what runs come to its end', async () => {
    const at = await open()
    const sending = await pushing(at)
    const answered = once(sending, 'response')
    const stopped = at.stop(10_000)
    await expect(fetch(`${at.url}/-/health`)).rejects.toThrow()
    sending.end('no pack')
    const [response] = await answered
    expect(response.statusCode).toBe(200)
    response.resume()
    await stopped
  })

  test('waits for nobody who has said nothing yet, but answers what is on its way', { timeout: 8_000 }, async () => {
    const at = await open()
    const [silent, slow] = [connect(at.port, '127.0.0.1'), connect(at.port, '127.0.0.1')]
    await Promise.all([once(silent, 'connect'), once(slow, 'connect')])
    // Once a later connection was heard, these were taken.
    await get(at, '/-/health')
    const heard = once(slow, 'data')
    const stopped = at.stop(60_000)
    slow.write('GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(String((await heard)[0])).toMatch(/^HTTP\/1.1 200/)
    silent.on('error', () => {})
    await Promise.all([stopped, once(silent, 'close')])
  })

  test('cuts off what runs too long', async () => {
    const at = await open()
    const sending = await pushing(at)
    const broken = once(sending, 'error').catch((error: unknown) => [error])
    await at.stop(50)
    expect((await broken)[0]).toBeInstanceOf(Error)
    await at.lineWhere((line) => line['status'] === 499)
  })
})
