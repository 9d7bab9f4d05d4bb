import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountSentence } from '../../src/access/refuse.ts'
import type { AccessReason } from '../../src/core/refusal.ts'
import { Scene } from './scene.ts'

let scene: Scene

interface State {
  readonly who: string
  readonly is: string
  readonly sentence: AccessReason
  /** Over HTTP: 401 where GitLab does not even take the credential. */
  readonly http: 401 | 403
}

/** Account states that no call of the API makes yet, set as the store keeps them. Later ones must not hide earlier ones. */
const states: State[] = [
  { who: 'pending', is: "state = 'blocked_pending_approval', confirmed_at = null", sentence: 'user_pending_approval', http: 401 },
  {
    who: 'unconfirmed',
    is: "confirmed_at = null, password_expires_at = '2020-01-01T00:00:00.000Z'",
    sentence: 'user_unconfirmed',
    http: 401,
  },
  { who: 'unconfirmed-only', is: 'confirmed_at = null', sentence: 'user_unconfirmed', http: 403 },
  { who: 'stale', is: "password_expires_at = '2020-01-01T00:00:00.000Z'", sentence: 'user_password_expired', http: 401 },
  { who: 'banned', is: "state = 'banned'", sentence: 'user_blocked', http: 401 },
  { who: 'internal', is: "kind = 'ghost'", sentence: 'user_internal', http: 401 },
  { who: 'sleeping', is: "state = 'deactivated', confirmed_at = null", sentence: 'user_deactivated', http: 403 },
]

beforeAll(async () => {
  scene = await Scene.open()
  const database = new Database(join(scene.server.home, 'sallyport.db'))
  for (const { who, is } of states) {
    const person = await scene.person(who)
    await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: person.id, access_level: 40 })
    database.exec(`update users set ${is} where id = ${person.id}`)
  }
  database.close()
})

afterAll(() => scene?.[Symbol.asyncDispose]())

describe.each(states)('$who', ({ who, sentence, http }) => {
  const text = () => accountSentence(sentence, scene.server.http)

  test('over HTTP', async () => {
    const answer = await scene.infoRefs('castle/private', 'upload-pack', { login: 'x', secret: scene.who(who).token })
    const body = (await answer.text()).trim()
    expect(answer.status).toBe(http)
    expect(body).toEqual(http === 403 ? text() : expect.stringMatching(/^HTTP Basic: Access denied\./))
  })

  test('over SSH', async () => {
    const { code, stderr } = await scene.client.ssh(scene.who(who).key, ["git-upload-pack 'castle/private.git'"])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`remote: ERROR: ${text()}`)])
  })

  test('over the API', async () => {
    const answer = await scene.api.as(scene.who(who).token).call('GET', '/user')
    expect([answer.status, answer.body]).toEqual([403, { message: `403 Forbidden - ${text()}` }])
  })
})

test('a project whose repository is gone from the disk says so, to those who see it', async () => {
  const id = await scene.project('hollow')
  const folder = (id % 256).toString(16).padStart(2, '0')
  await rm(join(scene.server.home, 'repos', folder, `${id}.git`), { recursive: true })
  const { token, key } = scene.who('developer')
  const answer = await scene.infoRefs('castle/hollow', 'upload-pack', { login: 'x', secret: token })
  expect([answer.status, (await answer.text()).trim()]).toEqual([404, 'A repository for this project does not exist yet.'])
  const { stderr } = await scene.client.ssh(key, ["git-upload-pack 'castle/hollow.git'"])
  expect(stderr).toContain('remote: ERROR: A repository for this project does not exist yet.')
})

test('a path that names no namespace says so', async () => {
  const { token, key } = scene.who('developer')
  const answer = await scene.infoRefs('alone', 'upload-pack', { login: 'x', secret: token })
  expect([answer.status, (await answer.text()).trim()]).toEqual([404, 'The namespace you were looking for could not be found.'])
  const { stderr } = await scene.client.ssh(key, ["git-upload-pack 'alone.git'"])
  expect(stderr).toContain('remote: ERROR: The namespace you were looking for could not be found.')
})

test('git’s command in two words is the same command', async () => {
  const { stdout } = await scene.client.ssh(scene.who('developer').key, ["git upload-pack 'castle/private.git'"])
  expect(stdout).toContain('refs/heads/main')
})
