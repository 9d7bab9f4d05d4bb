import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { markPassing } from './passing.ts'
import { flushPacket } from './pkt-line.ts'
import type { GitProcess } from './process.ts'

/** Ends git when the other side goes away: its output is closed, or its input breaks off. Returns the way to stop watching. */
export const watchClient = (git: GitProcess, input: Readable | undefined, output: Writable): (() => void) => {
  const gone = () => git.stop('the client went away')
  const closed = () => {
    if (input?.readableEnded === false) gone()
  }
  output.on('close', gone)
  output.on('error', gone)
  input?.on('close', closed)
  input?.on('error', gone)
  if (output.destroyed || input?.errored) gone()
  return () => {
    output.off('close', gone)
    output.off('error', gone)
    input?.off('close', closed)
    input?.off('error', gone)
  }
}

/**
 * Gives git what was read already and then the rest of the stream, at git's pace. Returns the way to stop.
 * @param limit of the rest, in bytes; beyond it git is ended, where it has not said itself that this is too much
 */
export const feed = (git: GitProcess, first: Buffer, input: Readable, limit: number): (() => void) => {
  let size = 0
  const count = (chunk: Buffer) => {
    git.touch()
    size += chunk.length
    if (size > limit && git.input.writable) git.stop('more was sent than is taken')
  }
  if (first.length > 0) git.input.write(first)
  input.pipe(git.input)
  input.on('data', count)
  return () => {
    input.off('data', count)
    input.unpipe(git.input)
  }
}

/** Hands on what git writes, at the client's pace. The output stays open. */
export const relay = (git: GitProcess, output: Writable): void => {
  git.output.on('data', (chunk: Buffer) => {
    git.touch()
    markPassing(chunk)
  })
  git.output.pipe(output, { end: false })
}

/** Writes and waits until there is room for more, or nobody is left to read, or the signal aborts. */
export const write = async (output: Writable, bytes: Buffer, until?: AbortSignal): Promise<void> => {
  // A response of Node's calls itself writable when it is destroyed, and tells nobody any more.
  if (bytes.length === 0 || output.destroyed || !output.writable || output.write(bytes)) return
  const done = new AbortController()
  const signal = until === undefined ? done.signal : AbortSignal.any([done.signal, until])
  await Promise.race(['drain', 'close'].map((event) => once(output, event, { signal }))).catch(() => {})
  done.abort()
}

/** As `relay`, but keeps back the flush-pkt that ends the answer, if there is one: the push is not over for us yet. */
export const relayButFlush = async (git: GitProcess, output: Writable): Promise<Buffer> => {
  let tail: Buffer = Buffer.alloc(0)
  for await (const chunk of git.output) {
    git.touch()
    // What git still says of a push that was cut off is no answer.
    if (git.isStopped) continue
    const bytes = Buffer.concat([tail, chunk])
    const cut = Math.max(0, bytes.length - flushPacket.length)
    tail = bytes.subarray(cut)
    await write(output, bytes.subarray(0, cut))
  }
  if (tail.equals(flushPacket)) return tail
  await write(output, tail)
  return Buffer.alloc(0)
}
