/**
 * The attack: connections that say nothing, or begin a request and never end it, as many as the server takes. Each is
 * within every bound of time, and opened again when it is closed; meanwhile nobody else gets in.
 * What was believed: a bound on connections protects the server, so that it protects those who want to use it.
 * What holds: where there is no room, a connection on which nothing runs gives way to the next, the oldest of whoever
 * has most of them. Who holds few keeps them; on which something runs, is not touched.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { requestHead, sendRaw } from '../http/raw.ts'
import { GitStage } from '../support/git-stage.ts'

let stage: GitStage
const held: Socket[] = []
beforeEach(async () => {
  stage = await GitStage.open({ env: { SALLYPORT_CONNECTIONS: '4' } })
})
afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy()
  await stage.close()
})

const hold = async (localAddress: string, said = ''): Promise<Socket> => {
  const socket = connect({ port: stage.port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  held.push(socket)
  await once(socket, 'connect')
  if (said !== '') socket.write(said)
  return socket
}

test.each([
  ['that say nothing', ''],
  ['whose request does not end', 'GET /-/health HTTP/1.1\r\nHost: x\r\nX-Slow: '],
])('connections %s keep nobody out', async (_what, said) => {
  const modest = await hold('127.0.0.2')
  const greedy = [await hold('127.0.0.3', said), await hold('127.0.0.3', said), await hold('127.0.0.3', said)]
  const closed = once(greedy[0] ?? modest, 'close')
  expect((await sendRaw(stage.port, requestHead('GET /-/health', []))).status).toBe(200)
  await closed
  expect(modest.closed).toBe(false)
})
