import { Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import type { Ends } from '../git/engine.ts'
import { letPass } from '../git/passing.ts'
import { type ChannelWriter, makeChannelWriter, type Wire } from './channel-writer.ts'

/** A channel of ssh2 as ordinary streams. */
export interface ChannelEnds extends Ends {
  readonly errors: Writable
  /** The client has closed the channel or is gone. */
  readonly gone: AbortSignal
  /** Tells that the client is gone; for whoever sees the connection end. */
  leave(): void
  /** Writes to the client's standard error, also after `errors` was ended. */
  say(text: string): void
  /**
   * Once all is sent, tells the exit status and closes the channel.
   * @param patience how long a client that does not read may hold this up, in milliseconds; what is left is dropped then
   */
  finish(exit: number, patience?: number): Promise<void>
}

/** `end` does not reach the channel: the exit status must be told before it is closed. */
const outputTo = (write: ChannelWriter['output'], moved: () => void): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, callback) {
      moved()
      write(chunk, () => {
        letPass(chunk)
        callback()
      })
    },
  })

/** Being destroyed does not reach the channel either: that would close it without an exit status. */
const inputFrom = (channel: ServerChannel, moved: () => void): Readable => {
  const input = new Readable({
    read() {
      channel.resume()
    },
  })
  channel.on('data', (chunk: Buffer) => {
    moved()
    if (!input.destroyed && !input.push(chunk)) channel.pause()
  })
  channel.on('end', () => {
    if (!input.destroyed) input.push(null)
  })
  channel.pause()
  return input
}

/** Waits until all that was written is handed over, or nobody is left to take it. */
const flushed = async (stream: Writable): Promise<void> => {
  if (stream.closed) return
  const closed = new Promise((resolve) => stream.once('close', resolve))
  stream.end()
  await closed
}

/** Whether the work was done in time. */
const inTime = async (work: Promise<unknown>, patience: number | undefined): Promise<boolean> => {
  if (patience === undefined) return work.then(() => true)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patience, false)
  })
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer))
}

const nothing = (): void => {}

/**
 * Makes ordinary streams of a channel. ssh2's own are none: a write to a channel that the client has closed never
 * calls back, `destroy` loses the exit status, and `close` is not told while input lies unread.
 * @param silence how long the channel may be open without a byte in either direction, in milliseconds
 */
export const endsOf = (channel: ServerChannel, wire: Wire, silence: number): ChannelEnds => {
  const gone = new AbortController()
  const timer = setTimeout(() => gone.abort(new Error('nothing was sent or taken for too long')), silence)
  const moved = (): void => void timer.refresh()
  const writer = makeChannelWriter(channel, wire)
  const input = inputFrom(channel, moved)
  const output = outputTo(writer.output, moved)
  const errors = outputTo(writer.errors, moved)
  for (const stream of [input, output, errors, channel, channel.stderr]) stream.on('error', nothing)
  gone.signal.addEventListener('abort', () => {
    clearTimeout(timer)
    for (const stream of [input, output, errors]) stream.destroy()
  })
  const left = new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve()))
  const allSent = (): Promise<unknown> =>
    Promise.race([left, Promise.all([flushed(output), flushed(errors)]).then(() => writer.idle())])
  return {
    input,
    output,
    errors,
    gone: gone.signal,
    leave: () => gone.abort(new Error('the client has gone')),
    say: (text) => writer.errors(Buffer.from(text), nothing),
    finish: async (exit, patience) => {
      input.destroy()
      const isAllSent = await inTime(allSent(), patience)
      clearTimeout(timer)
      channel.exit(exit)
      channel.end()
      if (!isAllSent || gone.signal.aborted) channel.close()
      channel.resume()
    },
  }
}
