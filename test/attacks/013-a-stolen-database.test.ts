/**
 * The attack: somebody gets hold of the database (a backup, a disk), or may even write to it, and wants the tokens that
 * GitLab shows again: of pipeline triggers, feeds and mail.
 * What was believed: what must be shown again must lie in the database as it is.
 * What holds: it lies there sealed, by a key that is not in the database; without that key, or with another one, no
 * server starts on it; and what is sealed for one row opens in no other.
 */
import { once } from 'node:events'
import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { run } from '../support/client.ts'
import { launch, newHome, type Sallyport, startSallyport } from '../support/sallyport.ts'

let home: string
let server: Sallyport
let api: Api
const secrets: string[] = []
let victim: string
const thief = 'glpat-the-token-of-the-thief'

const person = async (username: string): Promise<string> => {
  const names = { username, name: username, email: `${username}@example.org`, force_random_password: true }
  const { id } = await api.make('POST', '/users', names)
  return (await api.make('POST', `/users/${id}/personal_access_tokens`, { name: 'x', scopes: ['api'] })).token
}

let mallory: string

beforeAll(async () => {
  home = await newHome()
  server = await startSallyport({ home })
  api = new Api(server.http)
  victim = await person('victim')
  mallory = await person('mallory')
  const { id } = await api.as(victim).make('POST', '/projects', { path: 'castle' })
  secrets.push((await api.as(victim).make('POST', `/projects/${id}/triggers`, { description: 'nightly' })).token)
  for (const kind of ['feed', 'incoming_email'])
    secrets.push((await api.as(victim).make('GET', `/sallyport/user/${kind}_token`)).token)
  await api.as(mallory).make('GET', '/sallyport/user/feed_token')
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

test('no file of the home holds one, whole or without its prefix, also in the forms in which bytes are written', async () => {
  for (const secret of secrets) {
    const bare = secret.slice(secret.indexOf('-') + 1)
    const forms = [secret, bare, Buffer.from(secret).toString('base64').replaceAll('=', ''), Buffer.from(secret).toString('hex')]
    for (const form of forms) expect((await run('grep', ['-rlaF', '-e', form, home])).stdout).toBe('')
  }
})

test('the key is not in the database, nor in the log', async () => {
  const key = (await readFile(join(home, 'keys/sealing_key'), 'utf8')).trim()
  const found = await run('grep', ['-rlaF', '-e', key, '-e', Buffer.from(key, 'base64').toString('hex'), home])
  expect(found.stdout.trim()).toBe(join(home, 'keys/sealing_key'))
  expect(JSON.stringify(server.log)).not.toContain(key)
})

test("another user's sealed token, put into one's own row, opens nothing", async () => {
  const database = new Database(join(home, 'sallyport.db'))
  const of = (name: string) => `(select id from users where username = '${name}')`
  database.exec(`update user_tokens set sealed = (select sealed from user_tokens where kind = 'feed' and user_id = ${of('victim')})
    where kind = 'feed' and user_id = ${of('mallory')}`)
  database.close()
  const response = await fetch(`${server.http}/api/v4/sallyport/user/feed_token`, { headers: { 'PRIVATE-TOKEN': mallory } })
  expect(response.status).toBe(500)
  const told = await response.text()
  for (const secret of secrets) expect(told).not.toContain(secret)
  const line = await server.logged((entry) => entry['msg'] === 'a request failed')
  expect(JSON.stringify(line)).toContain('cannot be opened with the key of this server')
  expect((await api.as(victim).call('GET', '/sallyport/user/feed_token')).body.token).toBe(secrets[1])
})

/** What a start says that is expected to be refused. */
const refused = async (): Promise<{ code: number | null; said: string }> => {
  const child = launch(home, { env: { SALLYPORT_ROOT_TOKEN: thief } })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => said.push(bytes))
  const [code] = await once(child, 'close')
  return { code, said: Buffer.concat(said).toString().trim() }
}

test('without the key, or with one of the thief, no server starts, and none makes a new key', async () => {
  await server.stop()
  const [key, kept] = [join(home, 'keys/sealing_key'), join(home, 'kept')]
  await rename(key, kept)
  const without = await refused()
  expect(without).toMatchObject({ code: 2, said: expect.stringContaining('sealing_key: is missing') })
  expect(without.said.split('\n')).toHaveLength(1)
  await writeFile(key, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o600 })
  expect(await refused()).toMatchObject({
    code: 2,
    said: expect.stringContaining('is not the key with which the database was sealed'),
  })
  await rm(key)
  await copyFile(kept, key)
  await rm(kept)
  server = await startSallyport({ home })
  expect((await new Api(server.http, victim).call('GET', '/sallyport/user/feed_token')).body.token).toBe(secrets[1])
})
