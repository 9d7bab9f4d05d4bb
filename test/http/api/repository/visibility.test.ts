import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Scene } from '../../../journeys/scene.ts'
import { rootToken } from '../../../support/sallyport.ts'

/** Who reads a repository through the API: by visibility, by the level of the repository, by role. */
let scene: Scene

beforeAll(async () => {
  scene = await Scene.open()
}, 60_000)

afterAll(() => scene?.[Symbol.asyncDispose]())

const askers = ['anonymous', 'external', 'stranger', 'guest', 'reporter', 'root'] as const
type Asker = (typeof askers)[number]

const tokenOf = (who: Asker): string | undefined =>
  who === 'anonymous' ? undefined : who === 'root' ? rootToken : scene.who(who).token

/** Statuses for the askers in their order. */
type Statuses = readonly [number, number, number, number, number, number]

interface Row {
  readonly visibility: 'private' | 'internal' | 'public'
  readonly level: 'enabled' | 'private' | 'disabled'
  readonly branches: Statuses
  /** Where code is closed, GitLab answers branches and commits with 404 and all else with 403. */
  readonly tags: Statuses
}

const rows: readonly Row[] = [
  { visibility: 'private', level: 'enabled', branches: [404, 404, 404, 403, 200, 200], tags: [404, 404, 404, 403, 200, 200] },
  { visibility: 'private', level: 'private', branches: [404, 404, 404, 404, 200, 200], tags: [404, 404, 404, 403, 200, 200] },
  { visibility: 'private', level: 'disabled', branches: [404, 404, 404, 404, 404, 404], tags: [404, 404, 404, 403, 403, 403] },
  { visibility: 'internal', level: 'enabled', branches: [404, 404, 200, 200, 200, 200], tags: [404, 404, 200, 200, 200, 200] },
  { visibility: 'internal', level: 'private', branches: [404, 404, 404, 200, 200, 200], tags: [404, 404, 403, 200, 200, 200] },
  { visibility: 'public', level: 'enabled', branches: [200, 200, 200, 200, 200, 200], tags: [200, 200, 200, 200, 200, 200] },
  { visibility: 'public', level: 'private', branches: [404, 404, 404, 200, 200, 200], tags: [403, 403, 403, 200, 200, 200] },
  { visibility: 'public', level: 'disabled', branches: [404, 404, 404, 404, 404, 404], tags: [403, 403, 403, 403, 403, 403] },
]

describe.each(rows)('$visibility, repository $level', ({ visibility, level, branches, tags }) => {
  const statuses = async (path: string): Promise<number[]> => {
    const asked = askers.map((who) =>
      scene.api.as(tokenOf(who)).call('GET', `/projects/${scene.id(visibility)}/repository${path}`),
    )
    return (await Promise.all(asked)).map(({ status }) => status)
  }

  beforeAll(() => scene.api.make('PUT', `/projects/${scene.id(visibility)}`, { repository_access_level: level }))

  test.each(['/branches', '/branches/main', '/commits', '/commits/main', '/commits/main/diff'])('%s', async (path) => {
    expect(await statuses(path)).toEqual(branches)
  })

  test.each(['/tags', '/tree', '/merge_base?refs[]=main&refs[]=main', '/compare?from=main&to=main'])('%s', async (path) => {
    expect(await statuses(path)).toEqual(tags)
  })
})

test('an administrator who acts as another reads what that one may read', async () => {
  await scene.api.make('PUT', `/projects/${scene.id('private')}`, { repository_access_level: 'enabled' })
  const ask = (who: string) =>
    fetch(`${scene.server.http}/api/v4/projects/${scene.id('private')}/repository/branches`, {
      headers: { 'PRIVATE-TOKEN': rootToken, Sudo: who },
    })
  expect((await ask('reporter')).status).toBe(200)
  expect((await ask('guest')).status).toBe(403)
  expect((await ask('stranger')).status).toBe(404)
})

test('by an old path: reading is sent on, writing is not', async () => {
  await scene.api.make('PUT', `/projects/${scene.id('public')}`, { path: 'renamed', repository_access_level: 'enabled' })
  const old = '/projects/castle%2Fpublic/repository/branches'
  expect((await scene.api.call('GET', old)).status).toBe(301)
  expect((await scene.api.call('POST', old, { branch: 'x', ref: 'main' })).status).toBe(405)
})
