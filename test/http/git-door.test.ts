import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { User } from '../../src/core/principal.ts'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
let developer: User
let token: string

beforeAll(async () => {
  stage = await GitStage.open()
  developer = stage.user('ada')
  token = stage.token(developer)
})
afterAll(() => stage.close())

type Changes = Parameters<GitStage['project']>[1]

const projectFor = (path: string, changes: Changes = {}) =>
  stage.project(path, { roles: new Map([[developer.id, 30]]), ...changes })

/** A project with `commits` commits on `main`, and the working copy they came from. */
const filled = async (path: string, commits = 1, changes: Changes = {}) => {
  const facts = await projectFor(path, changes)
  const at = await stage.workingCopy(`work-${path.replaceAll('/', '-')}`, 20_000)
  for (let number = 1; number < commits; number += 1) await stage.commit(at, `commit ${number}`)
  await stage.mustGit(['push', '-q', stage.remote(path, token), 'main'], at)
  return { facts, at, head: await stage.mustGit(['rev-parse', 'HEAD'], at) }
}

const basic = (secret: string) => ({ Authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` })

describe('clone and push', () => {
  test.each([0, 1, 2])('by protocol v%i', async (version) => {
    const path = `castle/v${version}`
    const { id } = await projectFor(path)
    const at = await stage.workingCopy(`work-v${version}`)
    const pushed = await stage.git(['-c', `protocol.version=${version}`, 'push', stage.remote(path, token), 'main'], at)
    expect(pushed).toMatchObject({ code: 0 })
    const head = await stage.mustGit(['rev-parse', 'HEAD'], at)
    expect(await stage.repositories.refs(id)).toEqual(new Map([['refs/heads/main', head]]))
    const clone = ['-c', `protocol.version=${version}`, 'clone', '-q', stage.remote(path, token), `clone-v${version}`]
    expect(await stage.git(clone)).toMatchObject({ code: 0, stderr: '' })
    expect(await stage.mustGit(['rev-parse', 'HEAD'], `${stage.directory}/clone-v${version}`)).toBe(head)
  })

  test.each([0, 1, 2])('an empty repository by protocol v%i has the default branch', async (version) => {
    const path = `castle/empty-v${version}`
    const { id } = await projectFor(path)
    await stage.repositories.setHead(id, 'trunk')
    await stage.mustGit(['-c', `protocol.version=${version}`, 'clone', '-q', stage.remote(path, token), `empty-v${version}`])
    const branch = await stage.mustGit(['symbolic-ref', 'HEAD'], `${stage.directory}/empty-v${version}`)
    expect(branch).toBe(version === 2 ? 'refs/heads/trunk' : 'refs/heads/main')
  })

  test('a shallow clone, deepened', async () => {
    const { head } = await filled('castle/shallow', 5)
    await stage.mustGit(['clone', '-q', '--depth=2', stage.remote('castle/shallow', token), 'shallow'])
    const at = `${stage.directory}/shallow`
    expect(await stage.mustGit(['rev-list', '--count', 'HEAD'], at)).toBe('2')
    await stage.mustGit(['fetch', '-q', '--unshallow'], at)
    expect(await stage.mustGit(['rev-list', '--count', head], at)).toBe('5')
  })

  test.each([0, 2])('a partial clone by protocol v%i fetches a blob when it is asked for', async (version) => {
    const path = `castle/partial-v${version}`
    const { at } = await filled(path)
    const clone = ['-c', `protocol.version=${version}`, 'clone', '-q', '--no-checkout', '--filter=blob:none']
    await stage.mustGit([...clone, stage.remote(path, token), `partial-v${version}`])
    const partial = `${stage.directory}/partial-v${version}`
    expect(await stage.mustGit(['rev-list', '--objects', '--all', '--missing=print'], partial)).toMatch(/^\?[0-9a-f]{40}$/m)
    await stage.mustGit(['-c', `protocol.version=${version}`, 'checkout', '-q', 'main'], partial)
    expect(readFileSync(`${partial}/data`).equals(readFileSync(`${at}/data`))).toBe(true)
  })

  test('a fetch that negotiates over many commits sends gzip, and is understood', async () => {
    const { at } = await filled('castle/long', 120)
    await stage.mustGit(['clone', '-q', stage.remote('castle/long', token), 'long'])
    const clone = `${stage.directory}/long`
    for (let number = 0; number < 120; number += 1) await stage.commit(clone, `mine ${number}`)
    const head = await stage.commit(at, 'theirs')
    await stage.mustGit(['push', '-q', stage.remote('castle/long', token), 'main'], at)
    const { stderr } = await stage.git(['fetch', '-q'], clone, { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' })
    expect(stderr).toContain('Content-Encoding: gzip')
    expect(await stage.mustGit(['rev-parse', 'FETCH_HEAD'], clone)).toBe(head)
  })

  test('a token in a Bearer header', async () => {
    await filled('castle/bearer')
    const header = `http.extraHeader=Authorization: Bearer ${token}`
    expect(await stage.git(['-c', header, 'ls-remote', stage.remote('castle/bearer')])).toMatchObject({ code: 0 })
  })

  test('anonymously where the project is public, also with an empty pair', async () => {
    await filled('castle/public', 1, { facts: { visibility: 'public' } })
    expect(await stage.git(['ls-remote', stage.remote('castle/public')])).toMatchObject({ code: 0 })
    const empty = await fetch(`${stage.url}/castle/public.git/info/refs?service=git-upload-pack`, {
      headers: { Authorization: 'Basic Og==' },
    })
    expect(empty.status).toBe(200)
  })

  test('by an address without .git', async () => {
    const { head } = await filled('castle/plain')
    const remote = stage.remote('castle/plain', token).replace(/\.git$/, '')
    expect((await stage.git(['ls-remote', remote])).stdout).toContain(head)
  })

  test('refs of the server itself are neither shown nor taken', async () => {
    const { facts, at, head } = await filled('castle/hidden')
    for (const ref of ['refs/keep-around/x', 'refs/tmp/x', 'refs/environments/x']) {
      await stage.mustGit(['--git-dir', stage.repositories.directoryOf(facts.id), 'update-ref', ref, head])
      const pushed = await stage.git(['push', stage.remote('castle/hidden', token), `main:${ref}2`], at)
      expect(pushed.stderr).toContain('deny updating a hidden ref')
    }
    const { stdout } = await stage.git(['ls-remote', stage.remote('castle/hidden', token)])
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[1]),
    ).toEqual(['HEAD', 'refs/heads/main'])
  })

  test('refs of pipelines are there for runners to fetch, and are not taken', async () => {
    const { facts, at, head } = await filled('castle/pipelines')
    await stage.mustGit(['--git-dir', stage.repositories.directoryOf(facts.id), 'update-ref', 'refs/pipelines/1', head])
    const remote = stage.remote('castle/pipelines', token)
    for (const ref of ['refs/pipelines/1', 'refs/pipelines/2']) {
      for (const source of ['main~0', '']) {
        const pushed = await stage.git(['push', '--force', remote, `${source}:${ref}`], at)
        expect(pushed.code).not.toBe(0)
      }
    }
    const fetched = await stage.git(['fetch', remote, '+refs/pipelines/1:refs/pipelines/1'], at)
    expect(fetched.code).toBe(0)
  })
})

describe('answers', () => {
  const refs = (path: string, service: string, init: RequestInit = {}) =>
    fetch(`${stage.url}/${path}.git/info/refs?service=${service}`, init)

  test.each(['git-upload-pack', 'git-receive-pack'])('info/refs of %s carries its line, type and no cache', async (service) => {
    const path = `castle/head-${service}`
    await projectFor(path)
    const response = await refs(path, service, { headers: basic(token) })
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': `application/x-${service}-advertisement`,
      'cache-control': 'no-cache, max-age=0, must-revalidate',
      pragma: 'no-cache',
      expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const length = (service.length + 15).toString(16).padStart(4, '0')
    expect((await response.text()).startsWith(`${length}# service=${service}\n0000`)).toBe(true)
  })

  test('a compressed body and a plain one give the same', async () => {
    await filled('castle/zip')
    const body = '0014command=ls-refs\n0016object-format=sha100010014ref-prefix refs/0000'
    const headers = { ...basic(token), 'Content-Type': 'application/x-git-upload-pack-request', 'Git-Protocol': 'version=2' }
    const post = async (more: RequestInit) => {
      const response = await fetch(`${stage.url}/castle/zip.git/git-upload-pack`, { method: 'POST', ...more })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/x-git-upload-pack-result')
      return response.text()
    }
    const plain = await post({ headers, body })
    expect(plain).toContain('refs/heads/main')
    expect(await post({ headers: { ...headers, 'Content-Encoding': 'gzip' }, body: gzipSync(body) })).toBe(plain)
  })

  test.each<[string, string, number, string]>([
    ['nobody', 'castle/closed', 401, 'HTTP Basic: Access denied.'],
    ['nobody', 'castle/absent', 401, 'HTTP Basic: Access denied.'],
    ['a wrong token', 'castle/closed', 401, 'HTTP Basic: Access denied.'],
    [
      'a stranger',
      'castle/closed',
      404,
      "The project you were looking for could not be found or you don't have permission to view it.",
    ],
    [
      'a stranger',
      'castle/absent',
      404,
      "The project you were looking for could not be found or you don't have permission to view it.",
    ],
    ['a Guest', 'castle/closed', 403, 'You are not allowed to download code from this project.'],
    ['a token that may only read users', 'castle/closed', 403, 'You are not allowed to download code.'],
  ])('%s at %s: %i', async (who, path, status, text) => {
    if (!stage.projects.has('castle/closed')) await projectFor('castle/closed')
    const guest = stage.user('guest')
    stage.projects.get('castle/closed')?.roles.set(guest.id, 10)
    const secrets: Record<string, string> = {
      'a wrong token': `${token}x`,
      'a stranger': stage.token(stage.user('eve')),
      'a Guest': stage.token(guest),
      'a token that may only read users': stage.token(developer, ['read_user']),
    }
    const before = stage.spawns.length
    const secret = secrets[who]
    const response = await refs(path, 'git-upload-pack', { headers: secret === undefined ? {} : basic(secret) })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="GitLab"' : null)
    expect(await response.text()).toMatch(text)
    expect(stage.spawns).toHaveLength(before)
  })

  test.each([
    [undefined, 401],
    ['wrong', 401],
    ['right', 403],
  ])('info/refs for an unknown service with credential %s: %i', async (credential, status) => {
    if (!stage.projects.has('castle/command')) await projectFor('castle/command', { facts: { visibility: 'public' } })
    const secret = { wrong: `${token}x`, right: token }[credential ?? '']
    const headers = secret === undefined ? {} : basic(secret)
    for (const query of ['', '?service=git-upload-archive']) {
      const response = await fetch(`${stage.url}/castle/command.git/info/refs${query}`, { headers })
      expect(response.status).toBe(status)
      expect(await response.text()).toMatch(
        status === 401 ? /^HTTP Basic/ : /^The command you're trying to execute is not allowed\.$/,
      )
    }
  })

  test('HEAD is refused without a word', async () => {
    const response = await refs('castle/head', 'git-upload-pack', { method: 'HEAD', headers: basic(token) })
    expect([response.status, await response.text()]).toEqual([403, ''])
  })
})

describe('the log', () => {
  test('has one line for a request, with who, what and how it ended, and no secret', async () => {
    const { facts } = await filled('castle/logged')
    await refsOnce('castle/logged', token)
    const line = await stage.lineWhere((entry) => entry['meta.project'] === 'castle/logged' && entry['phase'] === 'advertise')
    expect(line).toMatchObject({
      level: 40,
      method: 'GET',
      path: '/castle/logged.git/info/refs',
      status: 401,
      service: 'receive-pack',
      remote_ip: '127.0.0.1',
    })
    const good = await stage.lineWhere((entry) => entry['meta.project'] === facts.fullPath && entry['service'] === 'upload-pack')
    expect(good).toMatchObject({ status: 200, token_type: 'PersonalAccessToken', 'meta.user': 'ada' })
    expect(JSON.stringify(stage.logged)).not.toContain(token)
  })

  test('names the reason that the client is not told', async () => {
    const expired = stage.token(developer, ['write_repository'], { expiresOn: '2020-01-01' })
    const { status, id } = await refsOnce('castle/logged', expired)
    expect(status).toBe(401)
    const line = await stage.lineWhere((entry) => entry['correlation_id'] === id)
    expect(line).toMatchObject({ level: 40, status: 401, 'meta.auth_fail_reason': 'token_expired' })
    expect(stage.logged.filter((entry) => entry['correlation_id'] === id)).toHaveLength(1)
  })

  const refsOnce = async (path: string, secret: string) => {
    const response = await fetch(`${stage.url}/${path}.git/info/refs?service=git-upload-pack`, { headers: basic(secret) })
    await response.text()
    return { status: response.status, id: response.headers.get('x-request-id') }
  }
})
