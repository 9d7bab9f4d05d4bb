import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Role } from '../../src/core/project.ts'
import { Throttles } from '../../src/http/throttles.ts'
import { openLimits } from '../../src/store/limits.ts'
import { applicationSettings } from '../../src/store/settings.ts'
import { GitStage } from '../support/git-stage.ts'

const settingsOf = (changes: Record<string, unknown>) => applicationSettings.parse(changes)

describe('a limit', () => {
  const set = (changes: Record<string, unknown>) => {
    let now = Date.parse('2026-03-10T12:00:20.000Z')
    const throttles = new Throttles({
      settings: async () => settingsOf(changes),
      requests: openLimits(':memory:').requests,
      clock: () => now,
    })
    const wait = (seconds: number) => {
      now += seconds * 1_000
    }
    return { throttles, wait }
  }

  const address = { kind: 'address', address: '203.0.113.9' } as const

  const small = {
    throttle_unauthenticated_api_enabled: true,
    throttle_unauthenticated_api_requests_per_period: 2,
    throttle_unauthenticated_api_period_in_seconds: 90,
  }

  test('that is off lets everything pass', async () => {
    const { throttles } = set({})
    for (let time = 0; time < 20; time += 1) expect(await throttles.take('api', address)).toBeUndefined()
  })

  test("is told in GitLab's headers, as the limit of a minute", async () => {
    const { throttles } = set(small)
    await throttles.take('api', address)
    expect(await throttles.take('api', address)).toBeUndefined()
    // Periods of 90 seconds begin at multiples of 90 seconds since 1970.
    const end = Math.ceil(Date.parse('2026-03-10T12:00:20.000Z') / 90_000) * 90
    expect(await throttles.take('api', address)).toEqual({
      name: 'throttle_unauthenticated_api',
      text: 'Retry later\n',
      headers: {
        'RateLimit-Name': 'throttle_unauthenticated_api',
        'RateLimit-Limit': '2',
        'RateLimit-Observed': '3',
        'RateLimit-Remaining': '0',
        'RateLimit-Reset': String(end),
        'RateLimit-ResetTime': new Date(end * 1_000).toUTCString(),
        'Retry-After': String(end - Date.parse('2026-03-10T12:00:20.000Z') / 1_000),
      },
    })
  })

  test('begins anew with the next period', async () => {
    const { throttles, wait } = set(small)
    for (let time = 0; time < 2; time += 1) await throttles.take('api', address)
    expect(await throttles.take('api', address)).toBeDefined()
    wait(90)
    expect(await throttles.take('api', address)).toBeUndefined()
  })

  test('counts each requester, each door and each kind apart', async () => {
    const { throttles } = set({ ...small, throttle_authenticated_api_enabled: true })
    for (let time = 0; time < 3; time += 1) await throttles.take('api', address)
    expect(await throttles.take('api', address)).toBeDefined()
    expect(await throttles.take('api', { ...address, address: '203.0.113.10' })).toBeUndefined()
    expect(await throttles.take('api', { kind: 'user', id: 1 })).toBeUndefined()
    expect(await throttles.take('git_http', address)).toBeUndefined()
    expect(await throttles.take('api', { ...address, address: '::ffff:203.0.113.9' })).toBeDefined()
  })

  test('has its own words where they are set', async () => {
    const { throttles } = set({ ...small, rate_limiting_response_text: 'Later, please.' })
    for (let time = 0; time < 2; time += 1) await throttles.take('api', address)
    expect((await throttles.take('api', address))?.text).toBe('Later, please.\n')
  })
})

describe('git over HTTP', () => {
  let stage: GitStage
  let token: string
  let client = 0

  beforeAll(async () => {
    stage = await GitStage.open({ env: { SALLYPORT_TRUSTED_PROXIES: '127.0.0.1' } })
    const ada = stage.user('ada')
    token = stage.token(ada)
    await stage.project('castle/gate', { roles: new Map([[ada.id as number, 40 as Role]]) })
  })

  afterAll(() => stage?.close())

  beforeEach(() => {
    client += 1
  })

  const ask = (authorization?: string) =>
    fetch(`${stage.url}/castle/gate.git/info/refs?service=git-upload-pack`, {
      headers: {
        'X-Forwarded-For': `198.51.100.${client}`,
        ...(authorization !== undefined && { Authorization: authorization }),
      },
    })

  const basic = (secret: string) => `Basic ${Buffer.from(`ada:${secret}`).toString('base64')}`

  const limit = (kind: 'authenticated' | 'unauthenticated') => {
    stage.throttling = settingsOf({
      [`throttle_${kind}_git_http_enabled`]: true,
      [`throttle_${kind}_git_http_requests_per_period`]: 2,
      [`throttle_${kind}_git_http_period_in_seconds`]: 100_000_000,
    })
  }

  test('by address, where nobody is known', async () => {
    limit('unauthenticated')
    expect([(await ask()).status, (await ask(basic('wrong'))).status]).toEqual([401, 401])
    const answer = await ask()
    expect([answer.status, await answer.text()]).toEqual([429, 'Retry later\n'])
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(answer.headers.get('ratelimit-name')).toBe('throttle_unauthenticated_git_http')
    expect(answer.headers.get('ratelimit-remaining')).toBe('0')
    expect((await ask(basic(token))).status).toBe(200)
    expect(await stage.lineWhere((line) => line['status'] === 429)).toMatchObject({
      level: 40,
      msg: 'Rack_Attack',
      env: 'throttle',
      matched: 'throttle_unauthenticated_git_http',
      'meta.refusal_reason': 'request_throttled',
    })
  })

  test('by user, from wherever', async () => {
    limit('authenticated')
    expect((await ask(basic(token))).status).toBe(200)
    client += 1
    expect((await ask(`Bearer ${token}`)).status).toBe(200)
    client += 1
    const answer = await ask(basic(token))
    expect([answer.status, answer.headers.get('ratelimit-name')]).toEqual([429, 'throttle_authenticated_git_http'])
    for (const service of ['upload-pack', 'receive-pack']) {
      const post = await fetch(`${stage.url}/castle/gate.git/git-${service}`, {
        method: 'POST',
        headers: { Authorization: basic(token), 'Content-Type': `application/x-git-${service}-request` },
        body: '0000',
      })
      expect([service, post.status]).toEqual([service, 429])
    }
    expect((await ask()).status).toBe(401)
  })
})
