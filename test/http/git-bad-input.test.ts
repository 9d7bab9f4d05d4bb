import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GitStage } from '../support/git-stage.ts'
import { requestHead, sendRaw } from './raw.ts'

let stage: GitStage
let token: string

beforeAll(async () => {
  stage = await GitStage.open({ env: { SALLYPORT_MAX_PUSH: '4MiB' } })
  const developer = stage.user('ada')
  token = stage.token(developer)
  await stage.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
  await stage.project('castle/open', { facts: { visibility: 'public' }, roles: new Map([[developer.id, 30]]) })
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.spawns.length = 0
  stage.logged.length = 0
})

const basic = (secret: string) => `Authorization: Basic ${Buffer.from(`x:${secret}`).toString('base64')}`
const upload = 'Content-Type: application/x-git-upload-pack-request'
const receive = 'Content-Type: application/x-git-receive-pack-request'

const packet = (text: string) => (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text
const zeros = '0'.repeat(40)
const ones = '1'.repeat(40)
const command = (ref = 'refs/heads/x') => packet(`${zeros} ${ones} ${ref}\0report-status side-band-64k`)

interface Post {
  readonly path?: string
  readonly service: 'upload' | 'receive'
  readonly headers?: readonly string[]
  readonly body: string | Buffer
  readonly secret?: string
}

const post = ({ path = 'castle/gate', service, headers = [], body, secret = token }: Post) => {
  const bytes = Buffer.from(body)
  const type = service === 'upload' ? upload : receive
  const all = [type, ...(secret === '' ? [] : [basic(secret)]), `Content-Length: ${bytes.length}`, ...headers]
  const head = requestHead(`POST /${path}.git/git-${service}-pack`, all)
  return sendRaw(stage.port, Buffer.concat([Buffer.from(head), bytes]))
}

/** The log has exactly one line, with this status and reason. */
const expectLogged = async (status: number, reason: RegExp) => {
  const line = await stage.lineWhere((entry) => entry['status'] === status)
  expect(line['meta.refusal_reason'] ?? line['meta.auth_fail_reason']).toMatch(reason)
  expect(stage.logged).toHaveLength(1)
}

describe('without a credential', () => {
  // node-git-server 1.0.0 asks for one on `info/refs` alone: whoever goes straight to these two is let in.
  test.each<[string, Post]>([
    ['git-upload-pack', { service: 'upload', body: `${packet(`want ${ones}\n`)}0000`, secret: '' }],
    ['git-receive-pack', { service: 'receive', body: `${command()}0000`, secret: '' }],
    ['git-receive-pack as a probe', { service: 'receive', body: '0000', secret: '' }],
    ['git-receive-pack of a public project', { path: 'castle/open', service: 'receive', body: `${command()}0000`, secret: '' }],
    [
      'git-receive-pack with a token changed by one letter',
      { service: 'receive', body: `${command()}0000`, secret: 'glpat-ada-2xxxxxxxxxxxxxxxx' },
    ],
  ])('POST %s is refused, with no process', async (_, request) => {
    const answer = await post(request)
    expect(answer.status).toBe(401)
    expect(answer.headers).toContain('WWW-Authenticate: Basic realm="GitLab"')
    expect(answer.body).toMatch(/^HTTP Basic: Access denied\./)
    expect(stage.spawns).toEqual([])
    expect(await stage.git(['ls-remote', stage.remote('castle/gate', token)])).toMatchObject({ code: 0, stdout: '' })
  })
})

describe('a malformed body', () => {
  const v2 = 'Git-Protocol: version=2'
  test.each<[string, Post, number, RegExp]>([
    ['no packets', { service: 'upload', body: 'want everything' }, 400, /body_malformed/],
    ['a packet of length 3', { service: 'upload', body: '0003' }, 400, /body_malformed/],
    ['a packet that is too long', { service: 'upload', body: 'ffff' }, 400, /body_malformed/],
    ['a packet that is cut', { service: 'upload', body: '0032want ', headers: [v2] }, 400, /body_malformed/],
    [
      'a later packet that is cut',
      { service: 'upload', body: `${packet(`want ${ones}\n`)}00000009done\n0` },
      400,
      /body_malformed/,
    ],
    ['no push at all', { service: 'receive', body: 'PACK' }, 400, /body_malformed/],
    ['a command that is none', { service: 'receive', body: `${packet('delete everything')}0000` }, 400, /body_malformed/],
    ['no flush', { service: 'receive', body: command() }, 400, /body_malformed/],
    ['a ref twice', { service: 'receive', body: `${command()}${command()}0000` }, 400, /body_malformed/],
    ['a ref with a line break', { service: 'receive', body: `${command('refs/heads/a\nb')}0000` }, 400, /body_malformed/],
    ['a signed push', { service: 'receive', body: `${packet('push-cert\0report-status')}0000` }, 400, /body_malformed/],
    ['no gzip', { service: 'upload', headers: ['Content-Encoding: gzip'], body: '0000' }, 400, /body_malformed/],
    [
      'gzip that is cut',
      { service: 'upload', headers: ['Content-Encoding: gzip'], body: gzipSync('0000').subarray(0, -3) },
      400,
      /body_malformed/,
    ],
    ['no gzip in a push', { service: 'receive', headers: ['Content-Encoding: gzip'], body: '0000' }, 400, /body_malformed/],
  ])('with %s is refused, with no process and one line in the log', async (_, request, status, reason) => {
    const answer = await post(request)
    expect(answer.status).toBe(status)
    expect(answer.headers).toContain('Content-Type: text/plain')
    expect(answer.body).not.toBe('')
    expect(stage.spawns).toEqual([])
    await expectLogged(status, reason)
  })

  test.each<[string, Post]>([
    ['an unknown command', { service: 'upload', body: `${packet('command=destroy')}0000`, headers: [v2] }],
    ['a want that is none', { service: 'upload', body: `${packet('want x\n')}0000` }],
  ])('that only git can judge, with %s: a 4xx or git says no', async (_, request) => {
    const answer = await post(request)
    if (answer.status === 200) expect(answer.body).toMatch(/ERR |ng |unpack/)
    else expect(answer.status).toBe(400)
    expect((await stage.repositories.refs([...stage.projects.values()][0]?.facts.id as never)).size).toBe(0)
  })
})

describe('a bomb', () => {
  test.each<[string, Post]>([
    ['fetch', { service: 'upload', headers: ['Content-Encoding: gzip'], body: gzipSync(Buffer.alloc(80 * 2 ** 20, '0000')) }],
    [
      'push',
      {
        service: 'receive',
        headers: ['Content-Encoding: gzip'],
        body: gzipSync(Buffer.concat([Buffer.from(`${command()}0000`), Buffer.alloc(80 * 2 ** 20)])),
      },
    ],
  ])('of zeros in a compressed %s is not inflated to its end', async (_, request) => {
    const before = process.memoryUsage().rss
    const answer = await post(request)
    expect([400, 413, 200]).toContain(answer.status)
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20)
  })

  test('of commands is refused', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => packet(`${zeros} ${ones} refs/heads/${at}/${'x'.repeat(900)}`))
    const answer = await post({
      service: 'receive',
      headers: ['Content-Encoding: gzip'],
      body: gzipSync(`${lines.join('')}0000`),
    })
    expect(answer.status).toBe(400)
    expect(stage.spawns).toEqual([])
  })
})

describe('a request that is no request of git', () => {
  const long = 'a'.repeat(9_000)
  test.each<[string, string, readonly string[], number, RegExp]>([
    ['a climbing path', 'GET /castle/../../etc/passwd.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['an encoded climb', 'GET /castle/%2e%2e/x.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['an encoded slash', 'GET /castle%2fgate.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['a doubly encoded climb', 'GET /castle/%252e%252e/x.git/info/refs?service=git-upload-pack', [], 404, /path_unknown/],
    ['a NUL', 'GET /castle/gate%00.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['a backslash', 'GET /castle\\gate.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['a broken encoding', 'GET /castle/%g.git/info/refs?service=git-upload-pack', [], 400, /path_malformed/],
    ['a long URL', `GET /${long}.git/info/refs`, [], 414, /url_too_long/],
    ['a very long URL', `GET /${'a'.repeat(40_000)}`, [], 414, /HPE_HEADER_OVERFLOW/],
    ['a very long header', 'GET /castle/gate.git/info/refs', [`X: ${'a'.repeat(40_000)}`], 431, /HPE_HEADER_OVERFLOW/],
    [
      'two credentials',
      'GET /castle/open.git/info/refs?service=git-upload-pack',
      [basic('a'), basic('b')],
      400,
      /header_repeated/,
    ],
    ['two types', 'POST /castle/open.git/git-upload-pack', [upload, receive, 'Content-Length: 0'], 400, /header_repeated/],
    ['two lengths', 'POST /castle/open.git/git-upload-pack', [upload, 'Content-Length: 4', 'Content-Length: 5'], 400, /HPE_/],
    [
      'a length and chunks',
      'POST /castle/open.git/git-upload-pack',
      [upload, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
      400,
      /HPE_/,
    ],
    [
      'another type',
      'POST /castle/open.git/git-upload-pack',
      ['Content-Type: text/plain', 'Content-Length: 0'],
      415,
      /content_type_wrong/,
    ],
    ['another method', 'DELETE /castle/open.git/git-upload-pack', [], 405, /method_not_allowed/],
    ['a file', 'GET /castle/open.git/HEAD', [], 403, /dumb_protocol/],
    ['an object', 'GET /castle/open.git/objects/info/packs', [], 403, /dumb_protocol/],
    ['a page', 'GET /castle/open', [], 404, /path_unknown/],
    [
      'a bad Basic',
      'GET /castle/open.git/info/refs?service=git-upload-pack',
      ['Authorization: Basic !!!'],
      401,
      /credential_missing/,
    ],
    [
      'a Basic without colon',
      'GET /castle/open.git/info/refs?service=git-upload-pack',
      ['Authorization: Basic YWRh'],
      401,
      /credential_missing/,
    ],
    [
      'another scheme',
      'GET /castle/open.git/info/refs?service=git-upload-pack',
      ['Authorization: Negotiate x'],
      401,
      /credential_missing/,
    ],
  ])('with %s', async (_, line, headers, status, reason) => {
    const answer = await sendRaw(stage.port, requestHead(line, headers))
    expect(answer.status).toBe(status)
    expect(stage.spawns).toEqual([])
    await expectLogged(status, reason)
  })

  test('bytes that are no HTTP get a 400', async () => {
    expect((await sendRaw(stage.port, '\x16\x03\x01\x02\0\x01\0')).status).toBe(400)
    await expectLogged(400, /HPE_/)
  })
})
