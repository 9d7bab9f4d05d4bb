/**
 * The attack: a request of which a proxy in front reads another length, host or end than the server behind it. What the one
 * takes for a body is a request to the other: it passes whatever the proxy guards, or takes the next person's answer.
 * What was believed: whatever Node's parser lets through has one meaning.
 * What holds: what can be read in two ways is answered with one 400, and the connection is over, so that no byte behind it
 * is ever a request. What has one meaning is read so, and bytes of a body are nothing else, whoever refused it.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
let authorization: string

beforeAll(async () => {
  stage = await GitStage.open()
  const developer = stage.user('ada')
  authorization = `Authorization: Basic ${Buffer.from(`x:${stage.token(developer)}`).toString('base64')}`
  await stage.project('castle/open', { facts: { visibility: 'public' } })
  await stage.project('castle/gate', { roles: new Map([[developer.id, 30]]) })
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.logged.length = 0
  stage.spawns.length = 0
})

const smuggled = 'GET /api/v4/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
/** Answered with `Connection: close`, so that all that is answered has been heard when the connection ends. */
const last = 'GET /api/v4/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'

const send = (bytes: string): Socket => {
  const socket = connect(stage.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(Buffer.from(bytes, 'latin1'))
  return socket
}

const hear = async (socket: Socket): Promise<string> => {
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(heard).toString('latin1')
}

const statuses = (answers: string): number[] => [...answers.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

const head = (line: string, headers: readonly string[]): string => `${[line, ...headers].join('\r\n')}\r\n\r\n`

const upload = 'Content-Type: application/x-git-upload-pack-request'
const toOpen = 'POST /castle/open.git/git-upload-pack HTTP/1.1'

/** A fetch of a public project with these headers. */
const fetchWith = (headers: string, body = ''): string => head(toOpen, ['Host: x', upload, headers]) + body
const chunked = (body: string): string => fetchWith('Transfer-Encoding: chunked', body)
const get = (target: string, headers: readonly string[] = ['Host: x'], version = 'HTTP/1.1'): string =>
  head(`GET ${target}${version === '' ? '' : ` ${version}`}`, headers)

const empty = '0\r\n\r\n'

const lengths: Readonly<Record<string, string>> = {
  'a length and chunks': fetchWith('Content-Length: 4\r\nTransfer-Encoding: chunked', empty),
  'chunks and a length': fetchWith('Transfer-Encoding: chunked\r\nContent-Length: 4', empty),
  'a length of nothing and chunks': fetchWith('Content-Length: 0\r\nTransfer-Encoding: chunked', empty),
  'two lengths': fetchWith('Content-Length: 4\r\nContent-Length: 0', '0000'),
  'one length twice': fetchWith('Content-Length: 4\r\nContent-Length: 4', '0000'),
  'a list of lengths': fetchWith('Content-Length: 4, 4', '0000'),
  'a length with a sign': fetchWith('Content-Length: +4', '0000'),
  'a length below nothing': fetchWith('Content-Length: -1'),
  'a length in hex': fetchWith('Content-Length: 0x4', '0000'),
  'a length in quotes': fetchWith('Content-Length: "4"', '0000'),
  'a length with a fraction': fetchWith('Content-Length: 4.0', '0000'),
  'a length in two words': fetchWith('Content-Length: 4 4', '0000'),
  'a length without a number': fetchWith('Content-Length:'),
  'a length beyond all numbers': fetchWith(`Content-Length: ${'9'.repeat(40)}`),
  'a length after a vertical tab': fetchWith('Content-Length:\x0b4', '0000'),
}

const encodings: Readonly<Record<string, string>> = {
  'another word for chunks': fetchWith('Transfer-Encoding: xchunked', empty),
  'chunks in quotes': fetchWith('Transfer-Encoding: "chunked"', empty),
  'chunks, then identity': fetchWith('Transfer-Encoding: chunked, identity', empty),
  'identity, then chunks': fetchWith('Transfer-Encoding: identity, chunked', empty),
  'gzip, then chunks': fetchWith('Transfer-Encoding: gzip, chunked', empty),
  'chunks twice': fetchWith('Transfer-Encoding: chunked, chunked', empty),
  'chunks in two headers': fetchWith('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', empty),
  'identity in another header': fetchWith('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', empty),
  'identity alone': fetchWith('Transfer-Encoding: identity', empty),
  'identity and a length': fetchWith('Transfer-Encoding: identity\r\nContent-Length: 4', '0000'),
  'chunks after a vertical tab': fetchWith('Transfer-Encoding:\x0bchunked', empty),
  'chunks and a NUL': fetchWith('Transfer-Encoding: chunked\0', empty),
  'chunks in HTTP/1.0': fetchWith('Transfer-Encoding: chunked', empty).replace('HTTP/1.1', 'HTTP/1.0'),
}

const lines: Readonly<Record<string, string>> = {
  'a space before the colon': fetchWith('Transfer-Encoding : chunked', empty),
  'a space before the colon of a length': fetchWith('Content-Length : 4', '0000'),
  'a space before the name': fetchWith(' Transfer-Encoding: chunked', empty),
  'a folded line': fetchWith('Transfer-Encoding:\r\n chunked', empty),
  'a folded line of another header': fetchWith('X: a\r\n Transfer-Encoding: chunked', empty),
  'a bare line feed': fetchWith('X: a\nTransfer-Encoding: chunked', empty),
  'bare line feeds everywhere': fetchWith('Content-Length: 4', '0000').replaceAll('\r\n', '\n'),
  'an empty line of a line feed': fetchWith('Content-Length: 4\n', '0000'),
  'a bare carriage return': fetchWith('X: a\rTransfer-Encoding: chunked', empty),
  'a NUL in a value': fetchWith('X: a\0b\r\nContent-Length: 0'),
  'a NUL in a name': fetchWith('X\0: b\r\nContent-Length: 0'),
  'a name without a colon': fetchWith('Content-Length'),
  'no name': fetchWith(': x'),
}

const chunks: Readonly<Record<string, string>> = {
  'a size that ends in a line feed': chunked(`4\n0000\r\n${empty}`),
  'data that ends in a line feed': chunked(`4\r\n0000\n${empty}`),
  'data that is longer than its size': chunked(`4\r\n00000\r\n${empty}`),
  'a size with a sign': chunked(`+4\r\n0000\r\n${empty}`),
  'a size below nothing': chunked(`-1\r\n0000\r\n${empty}`),
  'a size with 0x': chunked(`0x4\r\n0000\r\n${empty}`),
  'a size and a space': chunked(`4 \r\n0000\r\n${empty}`),
  'a space and a size': chunked(` 4\r\n0000\r\n${empty}`),
  'a size that wraps around': chunked(`10000000000000004\r\n0000\r\n${empty}`),
  'an extension that ends in a line feed': chunked(`4;a\n0000\r\n${empty}`),
  'an extension with a line in quotes': chunked(`4;a="\r\n0000\r\n${empty}`),
  'an extension with a carriage return': chunked(`4;a\rb\r\n0000\r\n${empty}`),
  'an extension without end': chunked(`4;${'a'.repeat(40_000)}\r\n0000\r\n${empty}`),
  'a length among the trailers': chunked(`4\r\n0000\r\n0\r\nContent-Length: 50\r\n\r\n`),
  'chunks among the trailers': chunked(`4\r\n0000\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`),
}

const targets: Readonly<Record<string, string>> = {
  'no version, as in HTTP/0.9': get('/api/v4/a', [], ''),
  'HTTP/0.9 by name': get('/api/v4/a', ['Host: x'], 'HTTP/0.9'),
  'HTTP/1.2': get('/api/v4/a', ['Host: x'], 'HTTP/1.2'),
  'HTTP/2.0': get('/api/v4/a', ['Host: x'], 'HTTP/2.0'),
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a version in small letters': get('/api/v4/a', ['Host: x'], 'http/1.1'),
  'a space in the target': get('/api/v4/a b'),
  'tabs between the words': head('GET\t/api/v4/a\tHTTP/1.1', ['Host: x']),
  'a NUL in the target': get('/api/v4/\0a'),
  'a byte above ASCII in the target': get('/api/v4/\xff'),
  'a fragment': get('/api/v4/a#/b'),
  'a backslash for a slash': get('\\api\\v4'),
  'an absolute target of another host': get('http://evil/api/v4/a'),
  'an absolute target with a user': get('http://x@evil/api/v4/a'),
  'an absolute target of the host as a user': get('http://evil@x/api/v4/a'),
  'an absolute target without a path': get('http://x'),
  'an absolute target of another scheme': get('ftp://x/api/v4/a'),
  'an authority': get('x:80'),
  'an asterisk': head('OPTIONS * HTTP/1.1', ['Host: x']),
  'two hosts': get('/api/v4/a', ['Host: x', 'Host: y']),
  'one host twice': get('/api/v4/a', ['Host: x', 'Host: x']),
  'no host': get('/api/v4/a', []),
  'a list of hosts': get('/api/v4/a', ['Host: x, y']),
  'a host with a path': get('/api/v4/a', ['Host: x/y']),
  'a host with a user': get('/api/v4/a', ['Host: x@y']),
  'a host with a space': get('/api/v4/a', ['Host: x y']),
  'an unknown method': head('SMUGGLE /api/v4/a HTTP/1.1', ['Host: x']),
  'a method in small letters': head('get /api/v4/a HTTP/1.1', ['Host: x']),
}

const ambiguous = { ...lengths, ...encodings, ...lines, ...chunks, ...targets }

describe('what can be read in two ways is one 400, and nothing behind it is a request:', () => {
  test.each(Object.entries(ambiguous))('%s', async (_what, bytes) => {
    const answers = await hear(send(`${bytes}${smuggled}`))
    expect(statuses(answers)).toEqual([400])
    expect(answers).toMatch(/^connection: close\r$/im)
    expect(answers).not.toContain('smuggled')
    expect(stage.logged.find(({ status }) => status === 400)).toMatchObject({ 'meta.refusal_reason': expect.any(String) })
    expect(stage.spawns).toEqual([])
  })
})

const receive = 'Content-Type: application/x-git-receive-pack-request'

const withBody = (line: string, headers: readonly string[] = []): string =>
  head(line, ['Host: x', ...headers, `Content-Length: ${smuggled.length}`]) + smuggled

const bodies: Readonly<Record<string, readonly [string, readonly number[]]>> = {
  'a fetch that is refused': [withBody('POST /castle/gate.git/git-upload-pack HTTP/1.1', [upload]), [401, 200]],
  'a push that is refused': [withBody('POST /castle/open.git/git-receive-pack HTTP/1.1', [receive]), [401, 200]],
  'a fetch that is none': [withBody(toOpen, [upload]), [400, 200]],
  'a body of another type': [withBody(toOpen, ['Content-Type: text/plain']), [415, 200]],
  'a body of a GET': [withBody('GET /castle/open.git/info/refs?service=git-upload-pack HTTP/1.1'), [200, 200]],
  'a body of a HEAD': [withBody('HEAD /castle/open.git/info/refs?service=git-upload-pack HTTP/1.1'), [403, 200]],
  'a body for the API': [withBody('GET /api/v4/a HTTP/1.1'), [200, 200]],
  'a body with an offer to upgrade': [withBody(toOpen, [upload, 'Connection: Upgrade', 'Upgrade: websocket']), [400]],
  'a body to wait for that is refused': [
    withBody('POST /castle/gate.git/git-upload-pack HTTP/1.1', [upload, 'Expect: 100-continue']),
    [401],
  ],
  'a body with another expectation': [withBody(toOpen, [upload, 'Expect: 200-ok']), [417]],
  'a length that the header Connection names': [withBody('GET /api/v4/a HTTP/1.1', ['Connection: Content-Length']), [200, 200]],
}

describe('bytes of a body are nothing else:', () => {
  test.each(Object.entries(bodies))('%s', async (_what, [bytes, expected]) => {
    const socket = send(bytes)
    socket.write(last)
    if (expected.length === 1) setTimeout(() => socket.end(), 50)
    const answers = await hear(socket)
    expect(statuses(answers)).toEqual(expected)
    expect(answers).not.toContain('smuggled')
  })
})

describe('what has one meaning is read so:', () => {
  const whole: Readonly<Record<string, string>> = {
    'an extension of a chunk': chunked(`4;a=b\r\n0000\r\n${empty}`),
    'a trailer': chunked(`4\r\n0000\r\n0\r\nX: y\r\n\r\n`),
    'chunks in capitals': fetchWith('Transfer-Encoding: CHUNKED', `4\r\n0000\r\n${empty}`),
    'a name of a header that only looks alike': fetchWith('Transfer_Encoding: chunked\r\nContent-Length: 4', '0000'),
    'an absolute target of this host': get('http://X/castle/open.git/info/refs?service=git-upload-pack'),
    'a host that is an address': get('/castle/open.git/info/refs?service=git-upload-pack', ['Host: [::1]:8080']),
  }

  test.each(Object.entries(whole))('%s', async (_what, bytes) => {
    const answers = await hear(send(`${bytes}${last}`))
    expect(statuses(answers)).toEqual([200, 200])
    expect(answers).toContain('api /api/v4/last')
  })

  test('a credential in a trailer is none', async () => {
    const line = 'POST /castle/gate.git/git-upload-pack HTTP/1.1'
    const headers = ['Host: x', upload, 'Transfer-Encoding: chunked', 'Connection: close']
    const body = (trailer: string) => `4\r\n0000\r\n0\r\n${trailer}\r\n`
    expect(statuses(await hear(send(head(line, headers) + body(`${authorization}\r\n`))))).toEqual([401])
    expect(statuses(await hear(send(head(line, [...headers, authorization]) + body(''))))).toEqual([200])
  })

  test('in HTTP/1.0 no host is needed', async () => {
    expect(statuses(await hear(send(get('/api/v4/a', [], 'HTTP/1.0'))))).toEqual([200])
  })

  test('the API hears a path, whatever form it came in', async () => {
    expect(await hear(send(get('http://x/api/v4/a?b=c', ['Host: x', 'Connection: close'])))).toContain('api /api/v4/a?b=c')
  })

  test('an offer to go over to another protocol is not taken up, and the connection goes on', async () => {
    const socket = send(
      get('/api/v4/a', ['Host: x', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAM']),
    )
    const [first] = await once(socket, 'data')
    expect(statuses(String(first))).toEqual([200])
    socket.write(last)
    expect(await hear(socket)).toContain('api /api/v4/last')
  })
})

test('an answer under way is cut off by bytes that are no request, and nothing is written into it', async () => {
  const streaming = await GitStage.open({
    api: (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '1000' })
      response.write('begun')
    },
  })
  const socket = connect(streaming.port, '127.0.0.1', () => socket.write(get('/api/v4/a')))
  socket.on('error', () => {})
  const [first] = await once(socket, 'data')
  const rest = hear(socket)
  socket.write('SMUGGLE / HTTP/1.1\r\n\r\n')
  expect(`${String(first)}${await rest}`).toMatch(/\r\n\r\nbegun$/)
  await streaming.close()
})
