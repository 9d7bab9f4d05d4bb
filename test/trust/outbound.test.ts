import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ipRanges } from '../../src/core/ip-address.ts'
import { certificateOf, toPem } from '../../src/registry/certificate.ts'
import { CallFailed, fetchJson } from '../../src/trust/outbound.ts'

const opened = ipRanges(['127.0.0.1'])
const limits = { milliseconds: 300, bytes: 1_000, addresses: 16 }

const servers: { close(): unknown; closeAllConnections?(): void }[] = []

const portOf = (server: Server | ReturnType<typeof createPlainServer>): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

const serving = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  servers.push(server)
  return `http://127.0.0.1:${await portOf(server)}/keys`
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.()
    server.close()
  }
})

const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no failure',
    (fault: unknown) => (fault instanceof CallFailed ? fault.message : `another fault: ${String(fault)}`),
  )

const answersOf: readonly [string, RequestListener, string][] = [
  [
    'a redirect',
    (_request, response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end('{}'),
    'it redirects, which is not followed',
  ],
  ['an error', (_request, response) => response.writeHead(500).end('{}'), 'it answered 500'],
  ['what is no JSON', (_request, response) => response.end('<html>'), 'the answer is no JSON'],
  [
    'what says that it is too large',
    (_request, response) => response.writeHead(200, { 'Content-Length': '1001' }).end(),
    'the answer is too large',
  ],
  [
    'what is too large and does not say so',
    (_request, response) => void response.end(' '.repeat(1_001)),
    'the answer is too large',
  ],
  [
    'what is packed',
    (_request, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    'the answer is compressed',
  ],
  ['nothing', () => {}, 'no whole answer came within 0.3 seconds'],
  [
    'a drop now and then',
    (_request, response) => void setInterval(() => response.write(' '), 50).unref(),
    'no whole answer came within 0.3 seconds',
  ],
]

test.each(answersOf)('%s is refused', async (_what, listener, words) => {
  expect(await failure(fetchJson(await serving(listener), { opened, limits }))).toBe(words)
})

test('JSON is read', async () => {
  const url = await serving((_request, response) => response.end('{"keys":[]}'))
  expect(await fetchJson(url, { opened, limits })).toEqual({ keys: [] })
})

test('a server that says nothing in HTTP is refused', async () => {
  const server = createPlainServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  servers.push(server)
  expect(await failure(fetchJson(`http://127.0.0.1:${await portOf(server)}/`, { opened, limits }))).toMatch(
    /^it could not be called \(/,
  )
})

const nowhere = 'the name leads to no address that may be called'

const addresses: readonly [string, string][] = [
  ['http://127.0.0.1:1/', nowhere],
  ['https://127.0.0.1:1/', nowhere],
  ['https://127.1/', nowhere],
  ['https://2130706433/', nowhere],
  ['https://0x7f.0.0.1/', nowhere],
  ['https://[::1]/', nowhere],
  ['https://[::ffff:127.0.0.1]/', nowhere],
  ['https://[::ffff:a9fe:a9fe]/', nowhere],
  ['https://169.254.169.254/latest/meta-data', nowhere],
  ['https://localhost/', nowhere],
  ['http://1.1.1.1/', 'https is asked for'],
  ['https://user:word@1.1.1.1/', 'the address holds a password'],
  ['ftp://1.1.1.1/', 'it is no web address'],
  ['file:///etc/passwd', 'it is no web address'],
  ['unix:/run/docker.sock', 'it is no web address'],
  ['', 'it is no web address'],
]

test.each(addresses)('%s is not called', async (url, words) => {
  expect(await failure(fetchJson(url, { opened: [], limits }))).toBe(words)
})

const resolving =
  (...found: string[]) =>
  async () =>
    found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

test.each([
  ['a name that leads inside', ['10.0.0.1']],
  ['one that leads inside too', ['1.1.1.1', '10.0.0.1']],
  ['one with a zone', ['fe80::1%eth0']],
  ['one that leads nowhere', []],
])('%s is not called', async (_what, found) => {
  const resolve = resolving(...found)
  expect(await failure(fetchJson('https://keys.example.org/', { opened: [], limits, resolve }))).toBe(nowhere)
})

test('a name is looked up once, and the address that was checked is called', async () => {
  const url = new URL(await serving((request, response) => response.end(JSON.stringify({ host: request.headers.host }))))
  const answers = [['127.0.0.1'], ['169.254.169.254']]
  let asked = 0
  const resolve = async () => resolving(...(answers[asked++] ?? []))()
  const named = `http://rebinding.example:${url.port}/keys`
  expect(await fetchJson(named, { opened, limits, resolve })).toEqual({ host: `rebinding.example:${url.port}` })
  expect(asked).toBe(1)
})

test('a name that is never answered does not hold us up', async () => {
  const resolve = () => new Promise<never>(() => {})
  expect(await failure(fetchJson('https://slow.example/', { opened, limits, resolve }))).toBe(
    'no whole answer came within 0.3 seconds',
  )
})

test('a certificate that nobody vouches for is not believed', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const server = createTlsServer({ key, cert: toPem(certificateOf(privateKey)) }, (_request, response) => response.end('{}'))
  servers.push(server)
  const url = `https://127.0.0.1:${await portOf(server)}/keys`
  expect(await failure(fetchJson(url, { opened, limits }))).toMatch(
    /^it could not be called \((?:DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS)/,
  )
})
