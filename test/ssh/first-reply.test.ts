import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { holdFirstReply } from '../../src/ssh/first-reply.ts'
import { Stage } from './stage.ts'

interface Corked {
  readonly socket: Socket
  /** How often it is corked now. */
  readonly count: () => number
}

const makeSocket = (bytesRead: number): Corked => {
  let corked = 0
  const change = (by: number) => () => {
    corked += by
  }
  const socket = Object.assign(new EventEmitter(), { bytesRead, cork: change(1), uncork: change(-1) })
  return { socket: socket as unknown as Socket, count: () => corked }
}

const header = (software: string) => {
  const identRaw = `SSH-2.0-${software}`
  return { identRaw, versions: { protocol: '2.0', software }, comments: '', greeting: '' }
}

describe('the first reply', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('to OpenSSH is held until more than its first line has come', () => {
    const { socket, count } = makeSocket('SSH-2.0-OpenSSH_9.2\r\n'.length)
    holdFirstReply(socket, header('OpenSSH_9.2'))
    expect(count()).toBe(1)
    socket.emit('data', Buffer.from('list'))
    socket.emit('data', Buffer.from('more'))
    vi.advanceTimersByTime(2_000)
    expect(count()).toBe(0)
  })

  test('is not held for ever', () => {
    const { socket, count } = makeSocket('SSH-2.0-OpenSSH_9.2\r\n'.length)
    holdFirstReply(socket, header('OpenSSH_9.2'))
    vi.advanceTimersByTime(1_000)
    expect(count()).toBe(0)
    socket.emit('data', Buffer.from('list'))
    expect(count()).toBe(0)
  })

  test('leaves no timer behind where the client goes', () => {
    const { socket } = makeSocket('SSH-2.0-OpenSSH_9.2\r\n'.length)
    holdFirstReply(socket, header('OpenSSH_9.2'))
    socket.emit('close')
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    ['whose list has come with its line', 1_100, 'OpenSSH_9.2'],
    ['that may wait for our list', 'SSH-2.0-PuTTY\r\n'.length, 'PuTTY'],
  ])('is not held for a client %s', (_name, bytesRead, software) => {
    const { socket, count } = makeSocket(bytesRead)
    holdFirstReply(socket, header(software))
    expect(count()).toBe(0)
  })
})

test.each(['OpenSSH_9.2', 'PuTTY_Release_0.80'])(
  '%s that waits for our list before it sends its own is sent it',
  async (software) => {
    const stage = await Stage.open()
    const socket = connect(stage.port, '127.0.0.1')
    socket.write(`SSH-2.0-${software}\r\n`)
    let told = ''
    while (!told.includes('curve25519-sha256')) told += String((await once(socket, 'data'))[0])
    expect(told).toMatch(/^SSH-2.0-Sallyport\r\n/)
    socket.destroy()
    await stage.close()
  },
)
