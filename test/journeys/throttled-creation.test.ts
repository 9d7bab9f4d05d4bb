import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from './scene.ts'

/** A push makes its project on the way; one that is one too many makes none. */
let scene: Scene
beforeAll(async () => {
  scene = await Scene.open()
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const limit = (on: boolean) =>
  scene.api.make('PUT', '/application/settings', {
    throttle_authenticated_git_http_enabled: on,
    throttle_authenticated_git_http_requests_per_period: 1,
    throttle_authenticated_git_http_period_in_seconds: 100_000_000,
  })

const credentials = () => ({ login: 'x', secret: scene.who('maintainer').token })

const push = (path: string) =>
  fetch(`${scene.server.http}/${path}.git/git-receive-pack`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`x:${credentials().secret}`).toString('base64')}`,
      'Content-Type': 'application/x-git-receive-pack-request',
    },
    body: '0000',
  })

const isThere = async (path: string): Promise<boolean> =>
  (await scene.api.call('GET', `/projects/${encodeURIComponent(path)}`)).status === 200

test('a request beyond the limit makes no project, and counts once', async () => {
  await limit(true)
  expect((await scene.infoRefs('castle/first', 'receive-pack', credentials())).status).toBe(200)
  expect(await isThere('castle/first')).toBe(true)
  const refused = await scene.infoRefs('castle/second', 'receive-pack', credentials())
  expect([refused.status, refused.headers.get('ratelimit-observed')]).toEqual([429, '2'])
  const posted = await push('castle/second')
  expect([posted.status, posted.headers.get('ratelimit-observed')]).toEqual([429, '3'])
  expect(await isThere('castle/second')).toBe(false)
  const { body } = await scene.api.call('GET', '/audit_events?entity_type=Project')
  expect(JSON.stringify(body)).not.toContain('castle/second')
})

test('once the limit is off, it is made', async () => {
  await limit(false)
  expect((await push('castle/second')).status).toBe(200)
  expect(await isThere('castle/second')).toBe(true)
})
