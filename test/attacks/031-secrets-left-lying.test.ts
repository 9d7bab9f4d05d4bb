/**
 * The attack: somebody on the machine collects what a server leaves lying: its home, its logs, the process list, what
 * programs were started with, the memory that a crash writes down, and the pages that tell of errors.
 * What was believed: secrets that come and go by pushes, forms and the API leave no trace.
 * What holds: none of them is in any of these places, plain or in base64; core dumps have no memory in them.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { password, Scene } from '../journeys/scene.ts'
import { ChildrenWatch } from '../support/children-watch.ts'
import { rootPassword, rootToken } from '../support/sallyport.ts'
import { secretsLeft } from '../support/secrets-left.ts'

let scene: Scene
let temporary: string
const secrets = [password, rootPassword, rootToken]
const pages: string[] = []
let watch: ChildrenWatch

const forms = (secret: string): string[] => {
  const bytes = Buffer.from(secret)
  return [secret, encodeURIComponent(secret), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')]
}

const holders = (texts: Iterable<string>): string[] =>
  [...texts].filter((text) => secrets.some((secret) => forms(secret).some((form) => text.includes(form))))

const programs = ['receive-pack', 'pre-receive', 'upload-pack']
const wasSeen = (program: string): boolean => [...watch.texts].some((text) => text.includes(program))

const whileWatched = async <Result>(work: Promise<Result>): Promise<Result> => {
  let running = true
  const done = work.finally(() => {
    running = false
  })
  for (; running; await setImmediate()) watch.look()
  return done
}

/** What anybody is told who asks for something wrong, with the secret in every place that a request has. */
const askWrongly = async (secret: string): Promise<void> => {
  const word = encodeURIComponent(secret)
  const basic = `Basic ${Buffer.from(`x:${secret}`).toString('base64')}`
  const asks: [string, RequestInit?][] = [
    [`/api/v4/projects/${word}`, { headers: { 'PRIVATE-TOKEN': secret } }],
    [
      '/api/v4/projects',
      { method: 'POST', headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' }, body: '{' },
    ],
    ['/castle/absent.git/info/refs?service=git-upload-pack', { headers: { Authorization: basic } }],
    ['/castle/private.git/git-receive-pack', { method: 'POST', headers: { Authorization: basic }, body: 'zzzz' }],
    ['/users/sign_in', { method: 'POST', body: new URLSearchParams({ 'user[login]': 'root', 'user[password]': secret }) }],
    ['/oauth/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: secret }) }],
    ['/oauth/authorize?client_id=none', { headers: { Cookie: `_gitlab_session=${secret}` } }],
  ]
  for (const [path, init] of asks) {
    const answer = await fetch(`${scene.server.http}${path}`, { ...init, redirect: 'manual' })
    // The address that was asked for is the client's own word.
    pages.push(`${JSON.stringify([...answer.headers])} ${await answer.text()}`.replaceAll(word, ''))
  }
}

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'sallyport-temporary-'))
  scene = await Scene.open({ env: { SALLYPORT_BAN: 'off', TMPDIR: temporary } })
  watch = new ChildrenWatch(scene.server.process.pid ?? 0)
  const { api, client } = scene
  const project = scene.id('private')
  const made = [
    await api.make('POST', `/projects/${project}/deploy_tokens`, { name: 'd', scopes: ['read_repository'] }),
    await api.make('POST', `/projects/${project}/triggers`, { description: 't' }),
    await api.make('POST', '/user/runners', { runner_type: 'project_type', project_id: project }),
    await api.make('GET', '/sallyport/user/feed_token'),
  ]
  secrets.push(...made.map(({ token }: { token: string }) => token), ...[...scene.people.values()].map(({ token }) => token))
  const directory = await client.repository('leak')
  await writeFile(join(directory, 'leak.txt'), made[0].token)
  await client.git(['add', 'leak.txt'], { cwd: directory })
  await client.commit(directory, 'leak')
  const { token } = scene.who('maintainer')
  for (const secret of [token, rootToken]) {
    const url = client.url('castle/private', 'x', secret)
    const pushed = await whileWatched(client.git(['push', '-q', url, 'HEAD:refs/heads/leak'], { cwd: directory }))
    pages.push(pushed.stderr.replaceAll(url, ''))
    await whileWatched(client.git(['clone', '-q', url, `clone-${secret.length}-${secret === token}`]))
  }
  // What is over before anybody looks is begun once more, and not as a question that is answered from memory.
  for (let more = 0; more < 20 && !programs.every(wasSeen); more += 1) {
    const url = client.url('castle/private', 'x', token)
    await whileWatched(client.git(['push', '-q', url, `HEAD:refs/heads/leak${more}`], { cwd: directory }))
    await whileWatched(client.git(['clone', '-q', `--filter=blob:limit=${more + 1}`, url, `clone-${more}`]))
  }
  for (const secret of secrets) await askWrongly(secret)
})

afterAll(async () => {
  watch?.stop()
  await scene?.[Symbol.asyncDispose]()
  await rm(temporary, { recursive: true, force: true })
})

test('no process that the server starts has one in its words or environment', () => {
  expect(programs.filter((program) => !wasSeen(program))).toEqual([])
  expect(holders([...watch.texts])).toEqual([])
})

test.runIf(process.platform === 'linux')('no core dump would hold memory', async () => {
  expect(Number.parseInt(await readFile(`/proc/${scene.server.process.pid}/coredump_filter`, 'latin1'), 16)).toBe(0)
  expect([...watch.dumpFilters].filter((filter) => filter !== '' && Number.parseInt(filter, 16) !== 0)).toEqual([])
})

test('no page, answer or message of an error repeats one', () => {
  expect(pages.length).toBeGreaterThan(50)
  expect(holders(pages)).toEqual([])
})

test('nothing is left of a push in the folder for temporary files', async () => {
  // Node keeps its compiled sources there.
  expect((await readdir(temporary)).filter((name) => name !== 'node-compile-cache')).toEqual([])
})

test('home and log hold none', async () => {
  await scene.server.settled()
  const log = JSON.stringify(scene.server.log)
  await scene.server.stop()
  const told = { log, output: scene.server.output.join('\n'), pages: pages.join('\n') }
  expect(await secretsLeft({ home: scene.server.home, texts: told, words: [] })).toEqual([])
  const files = await readdir(scene.server.home, { recursive: true, withFileTypes: true })
  const texts = files
    .filter((entry) => entry.isFile() && !/root-(?:token|password)$/.test(entry.name))
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1'))
  const withoutWords = scene.server.log.map((line) => JSON.stringify({ ...line, path: undefined }))
  expect(holders(withoutWords)).toEqual([])
  expect(holders(await Promise.all(texts)).length).toBe(0)
})
