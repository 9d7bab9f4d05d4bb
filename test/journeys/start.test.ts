import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Api } from '../support/api.ts'
import { run } from '../support/client.ts'
import {
  launch,
  newHome,
  readHomeFile,
  rootPassword,
  rootToken,
  type Sallyport,
  type Start,
  startSallyport,
} from '../support/sallyport.ts'

const homes: string[] = []
afterEach(async () => {
  for (const home of homes.splice(0)) await rm(home, { recursive: true, force: true })
})

const home = async (): Promise<string> => {
  const made = await newHome()
  homes.push(made)
  return made
}

/** Runs the program where it is expected to refuse; resolves with what it said. */
const refused = async (start: Start & { home?: string }): Promise<{ code: number | null; lines: string[] }> => {
  const child = launch(start.home ?? (await home()), start)
  const said: Buffer[] = []
  child.stderr?.on('data', (bytes: Buffer) => said.push(bytes))
  child.stdout?.on('data', (bytes: Buffer) => said.push(bytes))
  const [code] = await once(child, 'close')
  return { code, lines: Buffer.concat(said).toString().trim().split('\n') }
}

const mode = async (file: string): Promise<string> => ((await stat(file)).mode & 0o777).toString(8)

describe('the first start', () => {
  test('makes keys, root and its token, says where the token lies, and never the token', async () => {
    const directory = await home()
    const server = await startSallyport({
      home: directory,
      env: { SALLYPORT_ROOT_TOKEN: undefined, SALLYPORT_ROOT_PASSWORD: undefined } as never,
    })
    const [token, secret] = await Promise.all([
      readHomeFile(directory, 'keys/root-token'),
      readHomeFile(directory, 'keys/root-password'),
    ])
    expect(token.trim()).toMatch(/^glpat-[A-Za-z0-9_-]{20,}$/)
    expect(server.output).toEqual([
      `sallyport: the administrator's token is in ${directory}/keys/root-token`,
      expect.stringMatching(/^sallyport ready http=http:\/\/127\.0\.0\.1:\d+ ssh=ssh:\/\/git@127\.0\.0\.1:\d+$/),
    ])
    expect(JSON.stringify([server.output, server.log])).not.toContain(token.trim())
    const user = await new Api(server.http, token.trim()).make('GET', '/user')
    expect(user).toMatchObject({ username: 'root', is_admin: true })
    await server.stop()
    const files = await readdir(join(directory, 'keys'))
    for (const file of files.filter((name) => !name.endsWith('.pub')))
      expect([file, await mode(join(directory, 'keys', file))]).toEqual([file, '600'])
    expect(await mode(join(directory, 'keys'))).toBe('700')
    const everything = await run('grep', ['-rlF', '-e', token.trim(), '-e', secret.trim(), directory])
    expect(everything.stdout.trim().split('\n').sort()).toEqual([
      join(directory, 'keys/root-password'),
      join(directory, 'keys/root-token'),
    ])
  })
})

describe('a server that runs', () => {
  let server: Sallyport
  beforeAll(async () => {
    server = await startSallyport()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('answers readiness, health and liveness', async () => {
    for (const path of ['health', 'readiness', 'liveness'])
      expect([path, (await fetch(`${server.http}/-/${path}`)).status]).toEqual([path, 200])
  })

  test('takes the password of root over git', async () => {
    const authorization = `Basic ${Buffer.from(`root:${rootPassword}`).toString('base64')}`
    const answer = await fetch(`${server.http}/root/none.git/info/refs?service=git-upload-pack`, {
      headers: { Authorization: authorization },
    })
    expect(answer.status).toBe(404)
  })

  test('refuses a second one on its home, with one line', async () => {
    const { code, lines } = await refused({ home: server.home })
    expect([code, lines]).toEqual([2, [expect.stringMatching(/^sallyport: SALLYPORT_HOME: another server runs on /)]])
  })
})

/** One home, and what each start makes of what the one before it left. */
describe('a second start on the same home', () => {
  let directory = ''
  let impersonation = ''
  let key = ''
  let project = 0

  beforeAll(async () => {
    directory = await newHome()
    const first = await startSallyport({ home: directory })
    const api = new Api(first.http)
    project = (await api.make('POST', '/projects', { name: 'kept' })).id
    impersonation = (await api.make('POST', '/users/1/impersonation_tokens', { name: 'x', scopes: ['api'] })).token
    expect((await api.as(impersonation).call('GET', '/user')).status).toBe(200)
    expect(await first.stop()).toBe(0)
    key = await readHomeFile(directory, 'keys/ssh_host_ed25519_key.pub')
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('serves the same data with the same host keys; without SSH and impersonation tokens, where these are off', async () => {
    const second = await startSallyport({ home: directory, flags: ['--ssh', 'off', '--impersonation', 'off'] })
    const { body } = await new Api(second.http).call('GET', `/projects/${project}`)
    expect(body).toMatchObject({ path_with_namespace: 'root/kept', ssh_url_to_repo: null })
    expect(second.output).toEqual([expect.stringMatching(/ ssh=off$/)])
    expect((await new Api(second.http, impersonation).call('GET', '/user')).body.error_description).toBe(
      'Token is an impersonation token but impersonation was disabled.',
    )
    const authorization = `Basic ${Buffer.from(`x:${impersonation}`).toString('base64')}`
    const git = await fetch(`${second.http}/root/none.git/info/refs?service=git-upload-pack`, {
      headers: { Authorization: authorization },
    })
    expect(git.status).toBe(401)
    await second.stop()
  })

  test('with another SALLYPORT_ROOT_TOKEN makes that one hold and revokes the old', async () => {
    const other = 'glpat-another-token-of-root'
    const server = await startSallyport({ home: directory, env: { SALLYPORT_ROOT_TOKEN: other } })
    expect((await new Api(server.http, other).call('GET', '/user')).status).toBe(200)
    expect((await new Api(server.http, rootToken).call('GET', '/user')).body).toMatchObject({ error: 'invalid_token' })
    expect((await readHomeFile(directory, 'keys/root-token')).trim()).toBe(other)
    expect(await readHomeFile(directory, 'keys/ssh_host_ed25519_key.pub')).toBe(key)
    await server.stop()
  })

  test('that a newer version has served stops with one line', async () => {
    const database = new Database(join(directory, 'sallyport.db'))
    database.exec("insert into kysely_migration values ('9999-from-the-future', '2030-01-01T00:00:00.000Z')")
    database.close()
    const { code, lines } = await refused({ home: directory })
    const file = join(directory, 'sallyport.db')
    const line = `sallyport: SALLYPORT_DATABASE: ${file} is of a newer version; start that version's server on it, or one that is newer still`
    expect([code, lines]).toEqual([2, [line]])
  })
})

test('the administrator is known by whatever name; where there is none, one is made under a name that is free', async () => {
  const directory = await home()
  const first = await startSallyport({ home: directory })
  await new Api(first.http).make('PUT', '/users/1', { username: 'chief', email: 'chief@example.com' })
  for (const username of ['root', 'root1']) {
    const fields = { username, name: 'Not it', email: `${username}@example.com`, password: 'long enough 1' }
    await new Api(first.http).make('POST', '/users', fields)
  }
  await first.stop()
  const password = await readHomeFile(directory, 'keys/root-password')
  const second = await startSallyport({ home: directory })
  const api = new Api(second.http)
  expect((await api.make('GET', '/user')).username).toBe('chief')
  expect(await api.make('GET', '/users?admins=true')).toHaveLength(1)
  expect(await readHomeFile(directory, 'keys/root-password')).toBe(password)
  await api.make('DELETE', '/users/1')
  await second.stop()
  const third = await startSallyport({ home: directory })
  expect(await new Api(third.http).make('GET', '/user')).toMatchObject({ username: 'root2', is_admin: true })
  expect(third.output).toHaveLength(2)
  await third.stop()
})

describe('settings', () => {
  // What the parser refuses stands in `test/config.test.ts`.
  test.each([
    [{ SALLYPORT_HOME: '/proc/nope' }, [], 'SALLYPORT_HOME: /proc/nope cannot be used'],
    [{ SALLYPORT_DATABASE: 'sqlite:no/such/folder.db' }, [], 'folder.db cannot be opened'],
    [{ SALLYPORT_ROOT_TOKEN: 'short-secret' }, [], 'SALLYPORT_ROOT_TOKEN: its value is not right; it takes glpat-'],
    [{}, ['--max-push', 'big'], '--max-push: "big" is not right; it takes a size such as 512MiB or 2GiB'],
    [{}, ['--no-such-flag', 'x'], "unknown option '--no-such-flag'"],
  ])('%j %j stops the start with one line', async (env, flags, line) => {
    const directory = await home()
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/sallyport.js'), ...flags], {
      env: { PATH: process.env['PATH'], SALLYPORT_HOME: directory, ...(env as Record<string, string>) },
    })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes
    })
    const [code] = await once(child, 'close')
    expect([code, said]).toEqual([2, expect.stringContaining(line)])
    expect(said).not.toContain('short-secret')
  })

  test('a second file that is no database is named, so that nobody gives up the first', async () => {
    const directory = await home()
    await writeFile(join(directory, 'sallyport-activity.db'), Buffer.alloc(4096, 'x'))
    const { code, lines } = await refused({ home: directory })
    const line = `sallyport: SALLYPORT_DATABASE: ${join(directory, 'sallyport-activity.db')} cannot be opened (file is not a database)`
    expect([code, lines]).toEqual([2, [line]])
  })

  test('a port that is taken stops the start, with one worker as with two', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    for (const [workers, setting] of [
      [1, 'http'],
      [2, 'ssh'],
    ] as const) {
      const { code, lines } = await refused({ workers, flags: [`--${setting}`, `127.0.0.1:${port}`] })
      expect([code, lines]).toEqual([
        2,
        [
          expect.stringMatching(
            new RegExp(`^sallyport: SALLYPORT_${setting.toUpperCase()} \\(--${setting}\\): .*127\\.0\\.0\\.1:${port}`),
          ),
        ],
      ])
    }
    taken.close()
  })

  test('a certificate that cannot be read stops the start', async () => {
    const { code, lines } = await refused({ flags: ['--tls-cert', 'none.pem', '--tls-key', 'none.key'] })
    expect([code, lines]).toEqual([
      2,
      [expect.stringMatching(/^sallyport: SALLYPORT_TLS_CERT .*none\.pem.*cannot be used \(ENOENT/)],
    ])
  })

  test('the ready line can be JSON', async () => {
    const child = launch(await home(), { flags: ['--json', '--ssh', 'off'] })
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer]
    expect(JSON.parse(said.toString())).toEqual({
      ready: true,
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ssh: null,
      token_file: expect.stringMatching(/keys\/root-token$/),
    })
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  test('a Node that is too old says so in one line', async () => {
    const directory = await home()
    const pretend = join(directory, 'old.cjs')
    await writeFile(pretend, "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })")
    const { code, stderr } = await run(process.execPath, [
      '--require',
      pretend,
      join(import.meta.dirname, '../../bin/sallyport.js'),
    ])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^sallyport needs Node 24 or newer[^\n]*\n$/)])
  })
})

/** Two of them, and what becomes of them in the end. */
describe('workers', () => {
  let server: Sallyport
  beforeAll(async () => {
    server = await startSallyport({ workers: 2 })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('share both doors; what one revokes, the next request at any refuses', async () => {
    await server.logged((line) => line['msg'] === 'a worker joined')
    const api = new Api(server.http)
    const { token, id } = await api.make('POST', '/users/1/personal_access_tokens', { name: 'x', scopes: ['api'] })
    const ask = () => fetch(`${server.http}/api/v4/user`, { headers: { 'PRIVATE-TOKEN': token, Connection: 'close' } })
    const before = await Promise.all(Array.from({ length: 12 }, ask))
    expect(before.map((answer) => answer.status)).toEqual(before.map(() => 200))
    const pids = new Set(server.log.filter((line) => line['status'] === 200).map((line) => line['pid']))
    expect(pids.size).toBe(2)
    await api.make('DELETE', `/personal_access_tokens/${id}`)
    const after = await Promise.all(Array.from({ length: 12 }, ask))
    expect(after.map((answer) => answer.status)).toEqual(after.map(() => 401))
  })

  test('that are killed are replaced, and nothing else ends', async () => {
    const line = await server.logged((entry) => entry['msg'] === 'a worker joined')
    process.kill(Number(line['worker']), 'SIGKILL')
    await server.logged((entry) => String(entry['msg']).includes('a worker died and is replaced'))
    await server.logged((entry) => entry['msg'] === 'a worker joined' && entry['worker'] !== line['worker'])
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${server.http}/-/readiness`, { headers: { Connection: 'close' } })),
    )
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
  })

  test('end with their primary, even one that is killed', async () => {
    server.process.kill('SIGKILL')
    await once(server.process, 'close')
    const again = await startSallyport({ home: server.home, workers: 2 })
    expect((await new Api(again.http).call('GET', '/user')).body.username).toBe('root')
    expect(await again.stop()).toBe(0)
  })
})
