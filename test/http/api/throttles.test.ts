import { afterEach, beforeEach, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

let world: World

beforeEach(async () => {
  world = await startWorld()
})

afterEach(() => world?.close())

const limit = async (kind: 'authenticated' | 'unauthenticated', requests: number, more: Record<string, unknown> = {}) => {
  const reply = await world.ask('PUT', '/application/settings', {
    token: world.people.root.token,
    json: {
      [`throttle_${kind}_api_enabled`]: true,
      [`throttle_${kind}_api_requests_per_period`]: requests,
      [`throttle_${kind}_api_period_in_seconds`]: 60,
      ...more,
    },
  })
  expect(reply.status).toBe(200)
}

/** The answer may be no JSON. */
const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${world.url}/api/v4${path}`, { ...init, headers })

const by = (token: string | undefined) => ({ 'PRIVATE-TOKEN': token ?? '' })

test('no limit is on before one is set', async () => {
  for (let time = 0; time < 30; time += 1) expect((await get('/user')).status).toBe(401)
  const { body } = await world.ask('GET', '/application/settings', { token: world.people.root.token })
  expect(body).toMatchObject({
    throttle_unauthenticated_api_enabled: false,
    throttle_unauthenticated_api_requests_per_period: 3600,
    throttle_authenticated_api_requests_per_period: 7200,
    throttle_authenticated_git_http_period_in_seconds: 3600,
    rate_limiting_response_text: null,
    members_delete_limit: 60,
  })
})

test("strangers are counted by address; wrong tokens too; the answer is GitLab's", async () => {
  await limit('unauthenticated', 3)
  expect((await get('/user')).status).toBe(401)
  expect((await get('/user', by('glpat-wrongwrongwrongwrong'))).status).toBe(401)
  const posted = { method: 'POST', body: '{}' }
  const headers = { ...by('glpat-wrongwrongwrongwrong'), 'Content-Type': 'application/json' }
  expect((await get('/projects', headers, posted)).status).toBe(401)
  const answer = await get('/user')
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([429, 'text/plain', 'Retry later\n'])
  expect(Object.fromEntries([...answer.headers].filter(([name]) => /ratelimit|retry/.test(name)))).toEqual({
    'ratelimit-name': 'throttle_unauthenticated_api',
    'ratelimit-limit': '3',
    'ratelimit-observed': '4',
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(Date.parse('2026-03-10T12:01:00Z') / 1_000),
    'ratelimit-resettime': 'Tue, 10 Mar 2026 12:01:00 GMT',
    'retry-after': '60',
  })
  expect((await get('/projects', headers, posted)).status).toBe(429)
  expect((await get('/user', by(world.token('guest')))).status).toBe(200)
  expect(world.lines.findLast((line) => line['status'] === 429)).toMatchObject({
    'meta.refusal_reason': 'request_throttled',
    matched: 'throttle_unauthenticated_api',
    env: 'throttle',
  })
})

test('users are counted by themselves, whatever token they show; administrators as themselves when they act for another', async () => {
  await limit('authenticated', 4)
  const second = await world.addToken(world.people.guest.id)
  const asks = [by(world.token('guest')), by(second.token), { Authorization: `Bearer ${second.token}` }, by(second.token)]
  for (const headers of asks) expect((await get('/user', headers)).status).toBe(200)
  expect((await get('/user', by(second.token))).status).toBe(429)
  expect((await get('/user', { ...by(world.people.root.token), Sudo: 'guest' })).status).toBe(200)
  expect((await get('/user', by(world.token('owner')))).status).toBe(200)
  expect((await get('/user')).status).toBe(401)
})

test('the next period begins anew, and a limit may be taken away', async () => {
  await limit('authenticated', 2)
  const statuses = async () => {
    const seen = []
    for (let time = 0; time < 3; time += 1) seen.push((await get('/user', by(world.token('guest')))).status)
    return seen
  }
  expect(await statuses()).toEqual([200, 200, 429])
  world.moveClock(Date.parse('2026-03-10T12:01:00.000Z'))
  expect(await statuses()).toEqual([200, 200, 429])
  const off = { throttle_authenticated_api_enabled: false }
  await world.ask('PUT', '/application/settings', { token: world.people.root.token, json: off })
  expect(await statuses()).toEqual([200, 200, 200])
})

test("the words of the answer are the administrator's", async () => {
  await limit('unauthenticated', 1, { rate_limiting_response_text: 'Slow down' })
  await get('/user')
  expect(await (await get('/user')).text()).toBe('Slow down\n')
})

test.each([
  ['throttle_unauthenticated_api_requests_per_period', 0],
  ['throttle_authenticated_api_period_in_seconds', -1],
  ['throttle_authenticated_api_enabled', 'perhaps'],
  ['throttle_unauthenticated_git_http_requests_per_period', 'many'],
  ['rate_limiting_response_text', 'x'.repeat(256)],
])('%s cannot be %s', async (name, value) => {
  const before = await world.ask('GET', '/application/settings', { token: world.people.root.token })
  const reply = await world.ask('PUT', '/application/settings', { token: world.people.root.token, json: { [name]: value } })
  expect(reply.status).toBe(400)
  expect((await world.ask('GET', '/application/settings', { token: world.people.root.token })).body).toEqual(before.body)
})

test('one user removes so many members a minute from one group', async () => {
  await world.ask('PUT', '/application/settings', { token: world.people.root.token, json: { members_delete_limit: 2 } })
  const remove = (name: 'guest' | 'reporter' | 'developer', by = world.token('owner')) =>
    world.ask('DELETE', `/groups/team/members/${world.people[name].id}`, { token: by })
  expect([(await remove('guest')).status, (await remove('reporter')).status]).toEqual([204, 204])
  const third = await remove('developer')
  expect([third.status, third.body]).toEqual([
    429,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
  ])
  expect((await remove('developer', world.people.root.token)).status).toBe(204)
})
