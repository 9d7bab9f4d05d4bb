/**
 * The attack: a client opens its fetch with a token that is good, and sends no body. The credential is judged at once,
 * since the header is there. Minutes later, when the token was revoked, the wishes follow, and git answers them.
 * What was believed: the decision and what it allows are one moment.
 * What holds: a fetch is followed from its decision on, and cut off when the decision would be another one.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'
import { rootToken } from '../support/sallyport.ts'

let scene: Scene
let tip: string

beforeAll(async () => {
  scene = await Scene.open()
  const { stdout } = await scene.client.git(['ls-remote', scene.client.url('castle/private', 'root', rootToken), 'HEAD'])
  tip = stdout.split('\t')[0] ?? ''
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text
const wishes = () => `${packet('command=fetch\n')}0001${packet(`want ${tip}\n`)}${packet('done\n')}0000`

interface Opened {
  readonly socket: Socket
  heard(): string
  readonly closed: Promise<unknown>
}

const open = async (secret: string): Promise<Opened> => {
  const { hostname, port } = new URL(scene.server.http)
  const socket = connect(Number(port), hostname)
  let heard = ''
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString('latin1')
  })
  socket.on('error', () => {})
  await once(socket, 'connect')
  const head = [
    'POST /castle/private.git/git-upload-pack HTTP/1.1',
    'Host: x',
    `Authorization: Basic ${Buffer.from(`x:${secret}`).toString('base64')}`,
    'Content-Type: application/x-git-upload-pack-request',
    'Git-Protocol: version=2',
    'Expect: 100-continue',
    `Content-Length: ${wishes().length}`,
    'Connection: close',
    '\r\n',
  ]
  socket.write(head.join('\r\n'))
  await once(socket, 'data')
  expect(heard).toMatch(/^HTTP\/1\.1 100/)
  return { socket, heard: () => heard, closed: once(socket, 'close') }
}

test('with a token that stays good, wishes that come late are answered', async () => {
  const { socket, heard, closed } = await open(scene.who('developer').token)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  socket.write(wishes())
  await closed
  expect(heard()).toContain('PACK')
})

test('with a token that was revoked meanwhile, there is no pack', async () => {
  const { token, id } = await scene.token(scene.who('developer').id, ['read_repository'])
  const { socket, heard, closed } = await open(token)
  await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
  const since = performance.now()
  await closed
  expect(performance.now() - since).toBeLessThan(1000)
  socket.write(wishes())
  expect(heard()).not.toContain('PACK')
  const line = await scene.server.logged((entry) => entry['meta.refusal_reason'] === 'access was withdrawn')
  expect(line).toMatchObject({ 'meta.project': 'castle/private', service: 'upload-pack', status: 499 })
})

test('while another that waits beside it is answered', async () => {
  const { token, id } = await scene.token(scene.who('developer').id, ['read_repository'])
  const other = await open(scene.who('developer').token)
  const { heard, closed } = await open(token)
  await scene.api.make('DELETE', `/personal_access_tokens/${id}`)
  await closed
  other.socket.write(wishes())
  await other.closed
  expect([heard().includes('PACK'), other.heard().includes('PACK')]).toEqual([false, true])
})
