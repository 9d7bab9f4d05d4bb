import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { makeOutlet } from '../../src/ssh/outlet.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Write {
  readonly pieces: readonly Buffer[]
  readonly left: (error?: Error) => void
}

/** A socket whose writes leave when the test says so. */
const makeSocket = (): { socket: Socket; writes: Write[] } => {
  const writes: Write[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, left) => void writes.push({ pieces: [chunk], left }),
    writev: (chunks, left) => void writes.push({ pieces: chunks.map(({ chunk }) => chunk), left }),
  })
  stream.on('error', () => {})
  return { socket: stream as unknown as Socket, writes }
}

const large = (): Buffer => Buffer.allocUnsafeSlow(32_784).fill('x')

test('what is written in one turn leaves in one piece, and the next turn is another', async () => {
  const { socket, writes } = makeSocket()
  const write = makeOutlet(socket)
  for (const text of ['length', 'packet', 'tag']) write(Buffer.from(text))
  await turn()
  expect(writes.map(({ pieces }) => pieces.join(' '))).toEqual(['length packet tag'])
  writes[0]?.left()
  write(Buffer.from('more'))
  await turn()
  expect(writes.at(-1)?.pieces.join()).toBe('more')
})

test('memory goes back when its bytes have left, not before', async () => {
  const { socket, writes } = makeSocket()
  const write = makeOutlet(socket)
  const bytes = large()
  write(bytes)
  write(Buffer.from('tag'))
  await turn()
  expect(bytes.length).toBe(32_784)
  writes[0]?.left()
  await turn()
  expect(bytes.length).toBe(0)
})

test('memory that the system may still read stays, where the write failed', async () => {
  const { socket, writes } = makeSocket()
  const bytes = large()
  makeOutlet(socket)(bytes)
  await turn()
  writes[0]?.left(new Error('canceled'))
  await turn()
  expect(bytes.length).toBe(32_784)
})

test('a part of a larger buffer is not given back', async () => {
  const { socket, writes } = makeSocket()
  const whole = large()
  makeOutlet(socket)(whole.subarray(0, 20_000))
  await turn()
  writes[0]?.left()
  await turn()
  expect(whole.length).toBe(32_784)
})

test('a socket that is closed is not written to', async () => {
  const { socket, writes } = makeSocket()
  const write = makeOutlet(socket)
  socket.destroy()
  write(Buffer.from('late'))
  await turn()
  expect(writes).toEqual([])
})
