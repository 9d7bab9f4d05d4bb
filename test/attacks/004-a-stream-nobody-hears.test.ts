/**
 * The attack: anyone posts a fetch of more than is held whose packets are well-formed and mean nothing. Git reads the
 * beginning, complains and ends, and with it ends all interest in the rest of the body. Then the client closes the
 * connection, the stream that brought the body breaks, and nobody hears: an error without a listener ends the process.
 * What was believed: a stream is listened to for as long as it can break, because whoever reads it listens.
 * What holds: each stream that is made of a client's bytes has a listener for its whole life.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../journeys/scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open()
})

afterAll(() => scene?.[Symbol.asyncDispose]())

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text

/** Announces more than it sends, so that the body stays open. */
const beginPost = async (body: Buffer, headers: readonly string[]): Promise<Socket> => {
  const { hostname, port } = new URL(scene.server.http)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  const head = [
    'POST /castle/public.git/git-upload-pack HTTP/1.1',
    'Host: x',
    'Content-Type: application/x-git-upload-pack-request',
    `Content-Length: ${body.length + 1000}`,
    ...headers,
    '\r\n',
  ]
  socket.write(head.join('\r\n'))
  socket.write(body)
  return socket
}

/** More than is held before git is asked. */
const nonsense = Buffer.from(packet('nonsense').repeat(400_000))
const random = Buffer.from(Array.from({ length: 200_000 }, () => Math.floor(Math.random() * 256)))

const compressed = ['Content-Encoding: gzip']
const noPackets = gzipSync(Buffer.concat([Buffer.from('zzzz'), random])).subarray(0, 150_000)

/** Until git has ended; where it is not started at all, until the server has had the time to find that out. */
const isDone = (asksGit: boolean, seen: number): Promise<unknown> =>
  asksGit
    ? scene.server.logged((line) => scene.server.log.indexOf(line) >= seen && line['msg'] === 'git failed')
    : new Promise((resolve) => setTimeout(resolve, 300))

test.each<[string, Buffer, string[], boolean]>([
  ['packets that git does not want', nonsense, [], true],
  ['the same, compressed', gzipSync(nonsense, { level: 0 }), compressed, true],
  ['compressed bytes that are no packets', noPackets, compressed, false],
])('%s, then the connection is closed: the server stays', async (_what, body, headers, asksGit) => {
  const seen = scene.server.log.length
  const socket = await beginPost(body, headers)
  await isDone(asksGit, seen)
  socket.destroy()
  await scene.server.logged((line) => scene.server.log.indexOf(line) >= seen && line['service'] === 'upload-pack')
  const answer = await scene.infoRefs('castle/public', 'upload-pack')
  expect([answer.status, (await answer.text()).includes('refs/heads/main')]).toEqual([200, true])
  expect(scene.server.process.exitCode).toBe(null)
  expect(scene.server.log.filter((line) => line['unparsable'] !== undefined)).toEqual([])
})
