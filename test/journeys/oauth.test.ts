import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { password, Scene } from './scene.ts'

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

let scene: Scene
let client: { readonly client_id: string; readonly client_secret: string }

beforeAll(async () => {
  scene = await Scene.open({ workers: 2 })
  await scene.api.make('PUT', '/application/settings', { resource_owner_password_credentials_enabled: true })
  const fields = { name: 'helper', redirect_uri: 'http://127.0.0.1/', scopes: 'api read_repository write_repository openid' }
  const made = await scene.api.make('POST', '/applications', fields)
  client = { client_id: made.application_id, client_secret: made.secret }
})
afterAll(() => scene?.[Symbol.asyncDispose]())

const post = (path: string, form: Record<string, string>): Promise<Response> =>
  fetch(`${scene.server.http}/oauth/${path}`, { method: 'POST', body: new URLSearchParams({ ...client, ...form }) })

const ask = async (form: Record<string, string>): Promise<Tokens> => {
  const response = await post('token', form)
  if (response.status !== 200) throw new Error(await response.text())
  return (await response.json()) as Tokens
}

const tokensOf = (username: string, scope: string): Promise<Tokens> => ask({ grant_type: 'password', username, password, scope })

const both = 'read_repository write_repository'

/** Each over a connection of its own, so that both workers are asked. */
const statuses = async (secret: string): Promise<number[]> => {
  const answers: number[] = []
  for (const service of ['upload-pack', 'receive-pack', 'upload-pack', 'receive-pack']) {
    const response = await scene.infoRefs('castle/private', service, { login: 'oauth2', secret })
    await response.body?.cancel()
    answers.push(response.status)
  }
  return answers
}

describe('real git', () => {
  test.each(['oauth2', 'any-name', 'developer'])('clones and pushes as %s', async (login) => {
    const { access_token } = await tokensOf('developer', both)
    const url = scene.client.url('castle/private', login, access_token)
    const cloned = await scene.client.git(['clone', '-q', url, `clone as ${login}`])
    expect([cloned.code, cloned.stderr]).toEqual([0, ''])
    const cwd = join(scene.client.directory, `clone as ${login}`)
    await scene.client.commit(cwd, 'by a token')
    const pushed = await scene.client.git(['push', '-q', 'origin', `HEAD:refs/heads/of-${login}`], { cwd })
    expect([pushed.code, pushed.stderr]).toEqual([0, ''])
  })

  test('clones with a token as Bearer', async () => {
    const { access_token } = await tokensOf('developer', 'read_repository')
    const header = `http.extraHeader=Authorization: Bearer ${access_token}`
    const { code } = await scene.client.git(['-c', header, 'ls-remote', '-q', scene.client.url('castle/private')])
    expect(code).toBe(0)
  })
})

describe('what a token may do', () => {
  test.each([
    [both, 'developer', [200, 200, 200, 200]],
    ['read_repository', 'developer', [200, 403, 200, 403]],
    ['api', 'developer', [200, 200, 200, 200]],
    ['openid', 'developer', [403, 403, 403, 403]],
    [both, 'guest', [403, 403, 403, 403]],
    [both, 'stranger', [404, 404, 404, 404]],
  ])('%s of a %s → %j', async (scope, username, expected) => {
    expect(await statuses((await tokensOf(username, scope)).access_token)).toEqual(expected)
  })

  test('stands in the log with its number', async () => {
    const { access_token } = await tokensOf('reporter', 'read_repository')
    await statuses(access_token)
    const line = await scene.server.logged((entry) => entry['door'] === 'http' && entry['username'] === 'reporter')
    expect(line).toMatchObject({ token_type: 'OauthAccessToken', token_kind: 'oauth-token', token_scopes: ['read_repository'] })
  })
})

/** A credential helper as git has them: it tells what it holds, and forgets what git says was wrong. */
const makeHelper = async (): Promise<{ holds(secret: string): Promise<void>; calls(): Promise<string[]>; option: string }> => {
  const [held, told, script] = ['held', 'told', 'helper.sh'].map((name) => join(scene.client.directory, name))
  if (held === undefined || told === undefined || script === undefined) throw new Error('no names')
  const lines = [
    'echo "$1" >> "$TOLD"',
    '[ "$1" = get ] && [ -s "$HELD" ] && cat "$HELD"',
    '[ "$1" = erase ] && : > "$HELD"',
    'exit 0',
  ]
  await writeFile(script, `HELD='${held}'\nTOLD='${told}'\n${lines.join('\n')}\n`)
  await writeFile(told, '')
  return {
    holds: (secret) => writeFile(held, `username=oauth2\npassword=${secret}\n`),
    async calls() {
      const found = (await readFile(told, 'utf8')).trim().split('\n')
      await writeFile(told, '')
      return found
    },
    option: `credential.helper=!sh '${script}'`,
  }
}

test('a token that ends midway is erased by git, and the refreshed one goes on', async () => {
  const { access_token, refresh_token } = await tokensOf('developer', both)
  const helper = await makeHelper()
  const list = () => scene.client.git(['-c', helper.option, 'ls-remote', '-q', scene.client.url('castle/private')])
  await helper.holds(access_token)
  expect((await list()).code).toBe(0)
  expect(await helper.calls()).toEqual(['get', 'store'])
  // Two hours later.
  const database = new Database(join(scene.server.home, 'sallyport.db'), { timeout: 10_000 })
  database.prepare("update oauth_tokens set expires_at = '2026-01-01T00:00:00.000Z' where revoked_at is null").run()
  database.close()
  const late = await list()
  expect([late.code, await helper.calls()]).toEqual([128, ['get', 'erase']])
  expect(late.stderr).toContain('Authentication failed')
  const line = await scene.server.logged((entry) => entry['meta.auth_fail_reason'] === 'token_expired')
  expect(line['meta.auth_fail_token_id']).toMatch(/^OauthAccessToken\/\d+$/)
  await helper.holds((await ask({ grant_type: 'refresh_token', refresh_token })).access_token)
  expect((await list()).code).toBe(0)
})

test('a token that its application revokes is good nowhere at the next request', async () => {
  const { access_token, refresh_token } = await tokensOf('developer', 'api')
  expect(await statuses(access_token)).toEqual([200, 200, 200, 200])
  expect((await post('revoke', { token: refresh_token })).status).toBe(200)
  expect(await statuses(access_token)).toEqual([401, 401, 401, 401])
  const api = await fetch(`${scene.server.http}/api/v4/user`, { headers: { Authorization: `Bearer ${access_token}` } })
  expect(api.status).toBe(401)
  // Uses of what is dead are gathered for a moment before they are events.
  await vi.waitFor(async () => {
    const events = await scene.api.make('GET', '/audit_events?per_page=100')
    const used = events.filter((event: { event_name: string }) => event.event_name === 'revoked_token_used')
    expect(used.map((event: { details: { target_type: string } }) => event.details.target_type)).toContain('OauthAccessToken')
  })
})

test('a user who is blocked loses what applications hold', async () => {
  const person = await scene.person('leaving')
  await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: person.id, access_level: 30 })
  const { access_token, refresh_token } = await tokensOf('leaving', both)
  expect(await statuses(access_token)).toEqual([200, 200, 200, 200])
  await scene.api.make('POST', `/users/${person.id}/block`)
  expect(await statuses(access_token)).toEqual([401, 401, 401, 401])
  expect(await (await post('token', { grant_type: 'refresh_token', refresh_token })).json()).toMatchObject({
    error: 'invalid_grant',
  })
})

test('an administrator removes an application, and with it all that it held', async () => {
  const { access_token } = await tokensOf('developer', both)
  const [{ id }] = (await scene.api.make('GET', '/applications?per_page=100')).filter(
    (row: { application_id: string }) => row.application_id === client.client_id,
  )
  await scene.api.make('DELETE', `/applications/${id}`)
  expect(await statuses(access_token)).toEqual([401, 401, 401, 401])
})
