/**
 * The attack: a project's token is stolen. The thief has the bot behind it take an SSH key, and one more token that can
 * do nothing. When the theft is seen, the token is revoked, or it simply ends.
 * What was believed: a bot goes with its token. It goes with its last one, and a key asked for none.
 * What holds: a bot takes neither keys nor further tokens, and a key that it has from another time opens nothing.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { roles, Scene } from '../journeys/scene.ts'

let scene: Scene
let project: number
let stolen: { id: number; user_id: number; token: string }
let thief: { file: string; line: string }

beforeAll(async () => {
  scene = await Scene.open()
  project = scene.id('private')
  const wishes = { name: 'ci', scopes: ['api'], access_level: roles.maintainer }
  stolen = await scene.api.make('POST', `/projects/${project}/access_tokens`, wishes)
  thief = await scene.client.key('thief')
})

afterAll(() => scene[Symbol.asyncDispose]())

test('a bot takes no key, neither by itself nor from an administrator', async () => {
  const key = { title: 'thief', key: thief.line }
  expect((await scene.api.as(stolen.token).call('POST', '/user/keys', key)).status).toBe(403)
  expect((await scene.api.call('POST', `/users/${stolen.user_id}/keys`, key)).status).toBe(403)
})

test('a bot makes no further token', async () => {
  const wishes = { name: 'reserve', scopes: ['self_rotate'] }
  expect((await scene.api.as(stolen.token).call('POST', '/user/personal_access_tokens', wishes)).status).toBe(403)
})

test('a key that a bot has from another time opens nothing', async () => {
  const owner = scene.who('owner')
  const known = await readFile(`${owner.key}.pub`, 'utf8')
  const greeted = () => scene.client.ssh(owner.key, [])
  expect((await greeted()).code).toBe(0)
  const database = new Database(join(scene.server.home, 'sallyport.db'))
  const given = database.prepare('update keys set user_id = ? where key like ?')
  expect(given.run(stolen.user_id, `%${known.split(' ')[1]}%`).changes).toBe(1)
  database.close()
  const { code, stderr } = await greeted()
  expect(code).toBe(255)
  expect(stderr).toContain('Permission denied')
})

test('and when the token is revoked, the bot is gone', async () => {
  expect((await scene.api.call('DELETE', `/projects/${project}/access_tokens/${stolen.id}`)).status).toBe(204)
  expect((await scene.api.call('GET', `/users/${stolen.user_id}`)).status).toBe(404)
})
