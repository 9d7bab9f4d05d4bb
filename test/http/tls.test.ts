import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GitStage } from '../support/git-stage.ts'
import { requestHead, sendRaw } from './raw.ts'

const directory = mkdtempSync(join(tmpdir(), 'http-tls-'))
const live = (end: string): string => join(directory, `live.${end}`)

const makeCertificate = (name: string): void => {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`]
  const files = ['-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.pem`)]
  execFileSync('openssl', ['req', '-x509', ...kind, ...files], { stdio: 'pipe' })
}

const install = (name: string): void => {
  for (const end of ['key', 'pem']) copyFileSync(join(directory, `${name}.${end}`), live(end))
}

let stage: GitStage

beforeAll(async () => {
  for (const name of ['first', 'second']) makeCertificate(name)
  install('first')
  stage = await GitStage.open({ env: { SALLYPORT_TLS_CERT: live('pem'), SALLYPORT_TLS_KEY: live('key') } })
  await stage.project('castle/gate', { facts: { visibility: 'public' } })
})

afterAll(async () => {
  await stage?.close()
  rmSync(directory, { recursive: true, force: true })
})

const dial = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = connectTls({ port: stage.port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}

const nameShown = async (): Promise<string> => {
  const socket = await dial()
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

const answerOn = async (socket: TLSSocket): Promise<string> => {
  const heard = once(socket, 'data')
  socket.write('GET /-/health HTTP/1.1\r\nHost: x\r\n\r\n')
  return String((await heard)[0])
}

/** How a handshake with this version alone ends. */
const handshake = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> => {
  // Clients take old versions only where they are asked to.
  const ciphers = version === 'TLSv1.1' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}
  return dial({ minVersion: version, maxVersion: version, ...ciphers }).then(
    (socket) => {
      const agreed = socket.getProtocol()
      socket.destroy()
      return String(agreed)
    },
    (fault: NodeJS.ErrnoException) => fault.code ?? fault.message,
  )
}

const versions = async () => ({
  old: await handshake('TLSv1.1'),
  known: await handshake('TLSv1.2'),
  latest: await handshake('TLSv1.3'),
})

const sound = { old: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', known: 'TLSv1.2', latest: 'TLSv1.3' }

test('is served to git, and asked for from then on', async () => {
  const listed = await stage.git(['-c', 'http.sslVerify=false', 'ls-remote', stage.remote('castle/gate')])
  expect(listed).toMatchObject({ code: 0 })
  const socket = await dial()
  expect(await answerOn(socket)).toMatch(/\r\nStrict-Transport-Security: max-age=63072000\r\n/)
  socket.destroy()
})

test('an old version is refused', async () => {
  expect(await versions()).toEqual(sound)
})

test('what is no handshake ends the connection, and nothing else', async () => {
  const plain = connect(stage.port, '127.0.0.1', () => plain.write(requestHead('GET /-/health', [])))
  plain.on('error', () => {})
  plain.resume()
  await once(plain, 'close')
  expect(await nameShown()).toBe('first')
})

test('a renewed certificate is taken without a restart, a broken one is not, and connections go on', async () => {
  const old = await dial()
  expect(await answerOn(old)).toMatch(/^HTTP\/1.1 200/)
  writeFileSync(live('pem'), 'half a certif')
  await stage.lineWhere((line) => line['msg'] === 'the TLS certificate could not be read')
  expect(await nameShown()).toBe('first')
  install('second')
  await stage.lineWhere((line) => line['msg'] === 'the TLS certificate was read again')
  expect(await nameShown()).toBe('second')
  expect(await answerOn(old)).toMatch(/^HTTP\/1.1 200/)
  expect(old.getPeerCertificate().subject.CN).toBe('first')
  old.destroy()
  expect(await versions()).toEqual(sound)
})

test('a proxy that does it for us is believed where the public URL says so, and nobody is asked for it over plain HTTP', async () => {
  const answers: string[] = []
  for (const env of [{ SALLYPORT_URL: 'https://git.example.org' }, { SALLYPORT_URL: 'http://git.example.org' }, {}]) {
    const at = await GitStage.open({ env })
    answers.push((await sendRaw(at.port, requestHead('GET /-/health', []))).headers)
    await at.close()
  }
  const told = answers.map((headers) => /^strict-transport-security: (.*)$/im.exec(headers)?.[1])
  expect(told).toEqual(['max-age=63072000', undefined, undefined])
})
