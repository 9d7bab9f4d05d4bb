import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootToken } from '../support/sallyport.ts'
import { Scene } from './scene.ts'

let scene: Scene
let directory: string

beforeAll(async () => {
  scene = await Scene.open()
  directory = await scene.client.repository('work')
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const ask = (path: string, init: RequestInit = {}) => fetch(`${scene.server.http}${path}`, { redirect: 'manual', ...init })

describe('addresses without .git', () => {
  test.each([
    ['/castle/public/info/refs?service=git-upload-pack', '/castle/public.git/info/refs?service=git-upload-pack'],
    ['/castle/public/info/refs?service=git-receive-pack', '/castle/public.git/info/refs?service=git-receive-pack'],
    ['/castle/public/info/refs', '/castle/public.git/info/refs'],
    ['/castle/public/info/refs?service=other', '/users/sign_in'],
  ])('%s leads to %s', async (path, target) => {
    const answer = await ask(path)
    expect(answer.status).toBeGreaterThanOrEqual(301)
    expect(answer.status).toBeLessThan(400)
    expect(new URL(answer.headers.get('location') ?? '', scene.server.http + path).href).toBe(scene.server.http + target)
  })

  test.each([
    ['POST', '/castle/public/git-upload-pack', 404],
    ['GET', '/castle/info/refs?service=git-upload-pack', 404],
    ['HEAD', '/castle/public.git/info/refs?service=git-upload-pack', 403],
    ['GET', '/castle/public.git/info/refs', 401],
    ['GET', '/castle/public.git/info/refs?service=git-other', 401],
    ['GET', '/castle/public.git/HEAD', 403],
    ['GET', `/castle/public.git/objects/info/packs`, 403],
  ])('%s %s → %i', async (method, path, status) => {
    expect((await ask(path, { method })).status).toBe(status)
  })

  test('stock git clones by an address without .git', async () => {
    const { code } = await scene.client.git(['clone', '-q', `${scene.server.http}/castle/public`, 'without-suffix'])
    expect(code).toBe(0)
  })

  test('info/refs without a service, by someone known, is a command that is not allowed', async () => {
    const answer = await ask('/castle/public.git/info/refs', { headers: { Authorization: `Bearer ${rootToken}` } })
    expect([answer.status, (await answer.text()).trim()]).toEqual([403, "The command you're trying to execute is not allowed."])
  })
})

describe('a project that moved', () => {
  const commitAndPush = async (url: string, branch: string, key?: string) => {
    await scene.client.commit(directory, branch)
    return scene.client.git(['push', url, `HEAD:refs/heads/${branch}`], { cwd: directory, ...(key !== undefined && { key }) })
  }

  const notice = (before: string, after: string, url: string): string[] => [
    `remote: Project '${before}' was moved to '${after}'.`,
    'remote: Please update your Git remote:',
    `remote:   git remote set-url origin ${url}`,
  ]

  test('answers on its old path over both doors, silently for a fetch, with a notice after a push', async () => {
    const id = await scene.project('before')
    await scene.api.make('PUT', `/projects/${id}`, { path: 'after' })
    const { token, key } = scene.who('developer')
    const { client } = scene
    const clone = await client.git(['clone', '-q', client.url('castle/before', 'x', token), 'moved'])
    expect([clone.code, clone.stderr]).toEqual([0, ''])
    const http = await commitAndPush(client.url('castle/before', 'x', token), 'by-http')
    for (const line of notice('castle/before', 'castle/after', client.url('castle/after'))) expect(http.stderr).toContain(line)
    const ssh = await commitAndPush(client.sshUrl('castle/before'), 'by-ssh', key)
    for (const line of notice('castle/before', 'castle/after', client.sshUrl('castle/after'))) expect(ssh.stderr).toContain(line)
    const there = await commitAndPush(client.url('castle/after', 'x', token), 'on-new-path')
    expect(there.stderr).not.toContain('was moved')
  })

  test('with its whole group answers too, until something new takes the path', async () => {
    const group = await scene.api.make('POST', '/groups', { name: 'tower', path: 'tower', visibility: 'public' })
    await scene.project('stairs', { visibility: 'public' }, group.id)
    await scene.api.make('PUT', `/groups/${group.id}`, { path: 'keep' })
    expect((await ask('/tower/stairs.git/info/refs?service=git-upload-pack')).status).toBe(200)
    const fresh = await scene.api.make('POST', '/groups', { name: 'tower', path: 'tower', visibility: 'public' })
    await scene.project('stairs', { visibility: 'private' }, fresh.id)
    expect((await ask('/tower/stairs.git/info/refs?service=git-upload-pack')).status).toBe(401)
  })

  test('over the API is a redirect for GET and an error for the rest', async () => {
    const id = await scene.project('api-before')
    await scene.api.make('PUT', `/projects/${id}`, { path: 'api-after' })
    const got = await scene.api.call('GET', '/projects/castle%2Fapi-before')
    expect([got.status, got.headers.get('location')]).toEqual([301, expect.stringContaining(`/api/v4/projects/${id}`)])
    const put = await scene.api.call('PUT', '/projects/castle%2Fapi-before', { description: 'x' })
    expect([put.status, put.body]).toEqual([405, { message: 'Non GET methods are not allowed for moved projects' }])
  })
})

describe('a push to a path where no project is', () => {
  const push = (url: string, key?: string) =>
    scene.client.git(['push', url, 'HEAD:main'], { cwd: directory, ...(key !== undefined && { key }) })

  test.each(['http', 'ssh'])('makes a private project where the user may create, over %s', async (door) => {
    const { token, key } = scene.who('developer')
    const { client } = scene
    for (const namespace of ['developer', 'castle']) {
      const path = `${namespace}/made-by-${door}`
      const { code, stderr } = await push(door === 'http' ? client.url(path, 'x', token) : client.sshUrl(path), key)
      expect([code, stderr]).toEqual([0, expect.stringContaining('[new branch]')])
      const { body } = await scene.api.as(token).call('GET', `/projects/${encodeURIComponent(path)}`)
      expect(body).toMatchObject({ visibility: 'private', path_with_namespace: path, default_branch: 'main', empty_repo: false })
    }
  })

  test('by two at once makes one project', async () => {
    const { token } = scene.who('maintainer')
    const ask = () => scene.infoRefs('castle/raced', 'receive-pack', { login: 'x', secret: token })
    const answers = await Promise.all(Array.from({ length: 6 }, ask))
    await Promise.all(answers.map((answer) => answer.text()))
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
    expect(await scene.api.make('GET', '/projects?search=raced')).toHaveLength(1)
  })

  test.each([
    ['developer', 'castle/new', 422],
    ['developer', 'castle/raw', 422],
    ['developer', 'castle/public.wiki', 404],
    ['developer', 'developer/notes.wiki', 404],
    ['developer', 'owner/theirs', 404],
    ['developer', 'nobody-has-this/name', 404],
    ['reporter', 'castle/by-reporter', 404],
    ['stranger', 'castle/by-stranger', 404],
  ])('%s at %s → %i, and nothing is made', async (who, path, status) => {
    const answer = await scene.infoRefs(path, 'receive-pack', { login: 'x', secret: scene.who(who).token })
    const text = await answer.text()
    expect(answer.status).toBe(status)
    if (status === 422) expect(text).toMatch(/^Could not create project: /)
    expect((await scene.api.call('GET', `/projects/${encodeURIComponent(path)}`)).status).toBe(404)
  })

  test('a pull makes nothing', async () => {
    const answer = await scene.infoRefs('castle/only-looked', 'upload-pack', { login: 'x', secret: scene.who('owner').token })
    await answer.text()
    expect(answer.status).toBe(404)
  })
})

describe('paths that try to get out', () => {
  test.each([
    '/castle/../castle/public.git/info/refs?service=git-upload-pack',
    '/castle/%2e%2e/etc.git/info/refs?service=git-upload-pack',
    '/castle/%252e%252e/x.git/info/refs?service=git-upload-pack',
    '/castle/..%2f..%2fetc.git/info/refs?service=git-upload-pack',
    '/castle/public%00.git/info/refs?service=git-upload-pack',
    '/castle/public%0d%0aX-Evil:1.git/info/refs?service=git-upload-pack',
    '/castle/public%ff.git/info/refs?service=git-upload-pack',
    '/castle/%c0%ae%c0%ae/x.git/info/refs?service=git-upload-pack',
    '/castle/-oProxyCommand.git/info/refs?service=git-upload-pack',
    '//castle//private.git//info/refs?service=git-upload-pack',
    `/castle/${'a'.repeat(9000)}.git/info/refs?service=git-upload-pack`,
  ])('%s is a clear 4xx', async (path) => {
    const status = await rawStatus(path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })

  test.each([
    "git-upload-pack '../../etc'",
    "git-upload-pack '/../castle/public.git'",
    "git-upload-pack '~root/x'",
    "git-upload-pack --upload-pack=/bin/sh 'castle/public'",
    "git-upload-pack '-x'",
    "git-upload-pack 'castle/public' 'extra'",
    `git-upload-pack '${'a'.repeat(5000)}'`,
    "git-upload-pack 'castle/public",
    'git-upload-pack',
    'sh -c id',
    'git-shell',
    'scp -t /etc',
  ])('over SSH, %s is refused', async (command) => {
    const { code, stdout, stderr } = await scene.client.ssh(scene.who('owner').key, [command])
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('remote: ')
    expect(stdout).not.toContain('refs/heads')
  })

  test('no refusal was a fault of the server', async () => {
    await scene.server.settled()
    expect(scene.server.log.filter((line) => Number(line['level']) >= 50)).toEqual([])
  })
})

/** `fetch` tidies addresses up; a raw request does not. */
const rawStatus = async (path: string): Promise<number> => {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(scene.server.http)
    const asked = request({ hostname, port, path, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}
