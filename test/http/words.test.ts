import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gitWords, type Words } from '../../src/http/git/words.ts'
import { isUnusable, readTarget } from '../../src/http/target.ts'

const read = (line: string, headers: Record<string, string> = {}): Words | undefined => {
  const space = line.indexOf(' ')
  const target = readTarget(line.slice(space + 1))
  if (isUnusable(target)) return { kind: 'answer', headers: {}, ...target }
  return gitWords(line.slice(0, space), target, headers)
}

const uploadType = { 'content-type': 'application/x-git-upload-pack-request' }
const receiveType = { 'content-type': 'application/x-git-receive-pack-request' }

describe('requests of git', () => {
  test.each<[string, Record<string, string>, string]>([
    ['GET /a/b.git/info/refs?service=git-upload-pack', {}, 'upload-pack advertise a/b'],
    ['GET /a/b/c/d.git/info/refs?service=git-receive-pack', {}, 'receive-pack advertise a/b/c/d'],
    ['GET /a.git/info/refs?service=git-upload-pack', {}, 'upload-pack advertise a'],
    ['GET /a/b%2Dc.git/info/refs?service=git-upload-pack', {}, 'upload-pack advertise a/b-c'],
    ['GET http://host:80/a/b.git/info/refs?service=git-upload-pack', {}, 'upload-pack advertise a/b'],
    ['POST /a/b.git/git-upload-pack', uploadType, 'upload-pack rpc a/b'],
    ['POST /a/b.git/git-receive-pack', receiveType, 'receive-pack rpc a/b'],
    [
      'POST /a/b.git/git-upload-pack',
      { 'content-type': 'application/x-git-upload-pack-request; charset=x' },
      'upload-pack rpc a/b',
    ],
  ])('%s', (line, headers, expected) => {
    const words = read(line, headers)
    expect(words?.kind === 'git' ? `${words.service} ${words.phase} ${words.path}` : words).toBe(expected)
  })

  test.each([
    ['version=2', 'version=2'],
    ['version=1:agent=x-1.0', 'version=1:agent=x-1.0'],
    ['version=2 x', undefined],
    ['version=2\0', undefined],
    ['', undefined],
    ['v'.repeat(257), undefined],
    ['version=2, version=1', undefined],
  ])('the protocol wish %j counts as %j', (wish, expected) => {
    const words = read('GET /a/b.git/info/refs?service=git-upload-pack', { 'git-protocol': wish })
    expect(words).toMatchObject({ kind: 'git', protocol: expected })
  })

  test.each([
    ['gzip', true],
    ['x-gzip', true],
    ['GZIP', true],
    ['identity', false],
  ])('the encoding %s', (encoding, compressed) => {
    expect(read('POST /a/b.git/git-upload-pack', { ...uploadType, 'content-encoding': encoding })).toMatchObject({ compressed })
  })
})

describe('asks who it is first', () => {
  test.each([
    'GET /a/b.git/info/refs',
    'GET /a/b.git/info/refs?service=git-upload-archive',
    'GET /a/b.git/info/refs?service=upload-pack',
    'GET /a/b.git/info/refs?service=toString',
    'GET /a/b.git/info/refs?service=git-upload-pack&service=git-receive-pack',
    'GET /a/b.git/info/refs?service=git-upload-pack%00',
  ])('%s', (line) => expect(read(line)).toEqual({ kind: 'unknown-command', path: 'a/b' }))
})

describe('is answered at the door', () => {
  const name = 'x'.repeat(255)
  test.each<[string, Record<string, string>, number, string]>([
    ['HEAD /a/b.git/info/refs?service=git-upload-pack', {}, 403, 'method_not_allowed'],
    ['POST /a/b.git/info/refs?service=git-upload-pack', {}, 405, 'method_not_allowed'],
    ['GET /a/b.git/git-upload-pack', {}, 405, 'method_not_allowed'],
    ['PUT /a/b.git/git-receive-pack', receiveType, 405, 'method_not_allowed'],
    ['POST /a/b.git/git-upload-pack', {}, 415, 'content_type_wrong'],
    ['POST /a/b.git/git-upload-pack', receiveType, 415, 'content_type_wrong'],
    ['POST /a/b.git/git-receive-pack', { 'content-type': 'text/plain' }, 415, 'content_type_wrong'],
    ['POST /a/b.git/git-upload-pack', { ...uploadType, 'content-encoding': 'br' }, 415, 'content_encoding_unknown'],
    ['POST /a/b.git/git-upload-pack', { ...uploadType, 'content-encoding': 'gzip, gzip' }, 415, 'content_encoding_unknown'],
    ['GET /a/b.git/HEAD', {}, 403, 'dumb_protocol'],
    ['GET /a/b.git/objects/info/packs', {}, 403, 'dumb_protocol'],
    ['GET /a/b.git/objects/00/1234', {}, 403, 'dumb_protocol'],
    ['GET /a/b.git/config', {}, 404, 'path_unknown'],
    ['GET /a/b.git/toString', {}, 404, 'path_unknown'],
    ['POST /a/b.git/git-upload-archive', {}, 404, 'path_unknown'],
    ['POST /a/b.git/info/lfs/objects/batch', {}, 404, 'path_unknown'],
    ['POST /a/b/git-upload-pack', uploadType, 404, 'path_unknown'],
    ['POST /a/b/git-receive-pack', receiveType, 404, 'path_unknown'],
    ['POST /a/b/info/refs', {}, 404, 'path_unknown'],
    ['GET /a/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /a/b/info/refs?service=git-upload-archive', {}, 302, 'page_without_login'],
    ['GET /a/b/info/refs?x=1', {}, 302, 'page_without_login'],
    ['GET /-a/b.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET //a/b.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /a/b%20c.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /a/%252e%252e/b.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    [`GET /${name}x/b.git/info/refs?service=git-upload-pack`, {}, 404, 'path_unknown'],
    ['GET /.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /a/.git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /...git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /a/...git/info/refs?service=git-upload-pack', {}, 404, 'path_unknown'],
    ['GET /../b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/../b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/%2e%2e/b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/.%2E/b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/./b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a%2f..%2fb.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a%5c..%5cb.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a\\b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/b%00.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/b%0d%0a.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/b%zz.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET /a/b%.git/info/refs', {}, 400, 'path_malformed'],
    ['GET /a/%c0%ae%c0%ae/b.git/info/refs?service=git-upload-pack', {}, 400, 'path_malformed'],
    ['GET a/b.git/info/refs', {}, 400, 'path_malformed'],
    ['GET *', {}, 400, 'path_malformed'],
    [`GET /a/${'x'.repeat(9_000)}.git/info/refs`, {}, 414, 'url_too_long'],
  ])('%s', (line, headers, status, reason) => {
    expect(read(line, headers)).toMatchObject({ kind: 'answer', status, reason })
  })

  test.each([
    ['GET /a/b/info/refs', '/a/b.git/info/refs'],
    ['GET /a/b/info/refs?service=git-upload-pack', '/a/b.git/info/refs?service=git-upload-pack'],
    ['GET /a/b/c/info/refs?service=git-receive-pack', '/a/b/c.git/info/refs?service=git-receive-pack'],
  ])('%s is sent on to %s', (line, location) => {
    const words = read(line)
    expect(words).toMatchObject({ kind: 'answer', status: 301 })
    const given = words?.kind === 'answer' ? (words.headers['Location'] ?? '') : ''
    const from = `http://host/below${line.slice('GET '.length)}`
    expect(new URL(given, from).href).toBe(`http://host/below${location}`)
  })
})

describe('is for somebody else', () => {
  test.each([
    'GET /api/v4/projects/a%2Fb.git/info/refs',
    'GET /api/v4/projects/..%2f/x',
    'GET /oauth/token',
    'GET /jwt/auth',
    'GET /.well-known/openid-configuration',
    'GET /-/metrics',
    'GET /',
    'GET /a/b',
    'GET /a/b.git',
  ])('%s', (line) => expect(read(line)).toBeUndefined())
})

test('whatever the path, a project is asked for by a plain name only', () => {
  const piece = fc.oneof(fc.constantFrom('.', '..', '%2e', '%2F', '%5c', '%00', '.git', '/', '%', 'a', 'info/refs'), fc.string())
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const words = read(`GET /${pieces.join('')}.git/info/refs?service=git-upload-pack`)
      if (words?.kind === 'git') expect(words.path).toMatch(/^[A-Za-z0-9_.][A-Za-z0-9_.-]*(\/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*$/)
      if (words?.kind === 'git') expect(words.path.split('/')).not.toContain('..')
    }),
    { numRuns: 2_000 },
  )
})
