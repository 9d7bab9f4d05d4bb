import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { drain } from '../../src/ssh/drain.ts'

const limits = { bytes: 100, time: 60_000, quiet: 60_000 }
const never = new AbortController().signal

test('reads to the end', async () => {
  const input = new PassThrough()
  const drained = drain(input, limits, never)
  input.end(Buffer.alloc(100))
  expect(await drained).toBe(true)
})

test('takes a pause for the end', async () => {
  const input = new PassThrough()
  const drained = drain(input, { ...limits, quiet: 30 }, never)
  input.write(Buffer.alloc(10))
  expect(await drained).toBe(true)
})

test('does not read more than it may', async () => {
  const input = new PassThrough()
  const drained = drain(input, limits, never)
  input.write(Buffer.alloc(101))
  expect(await drained).toBe(false)
  expect(input.isPaused()).toBe(true)
})

test('does not read longer than it may, however steadily bytes come', async () => {
  const input = new PassThrough()
  const timer = setInterval(() => input.write('x'), 5)
  expect(await drain(input, { ...limits, bytes: 1_000_000, quiet: 1000, time: 100 }, never)).toBe(false)
  clearInterval(timer)
})

test('stops at a signal, also at one that came before', async () => {
  const abort = new AbortController()
  const drained = drain(new PassThrough(), limits, abort.signal)
  abort.abort()
  expect(await drained).toBe(false)
  expect(await drain(new PassThrough(), limits, abort.signal)).toBe(false)
})

test('does not wait for what is gone', async () => {
  const gone = new PassThrough()
  gone.destroy()
  expect(await drain(gone, limits, never)).toBe(true)
})
