import { Readable, Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'
import type { Ends } from '../git/engine.ts'

/** A channel of ssh2 as ordinary streams. */
export interface ChannelEnds extends Ends {
  readonly errors: Writable
  /** The client has closed the channel or is gone. */
  readonly gone: AbortSignal
  /** Tells that the client is gone; for whoever sees the connection end. */
  leave(): void
  /** Writes to the client's standard error, also after `errors` was ended. */
  say(text: string): void
  /** Once all is sent, tells the exit status and closes the channel. */
  finish(exit: number): Promise<void>
}

/** The client's TCP connection, whose backlog ssh2 does not look at. */
export type Wire = Pick<Writable, 'writableLength' | 'once' | 'off'>

/** Bytes that may wait for a slow connection. A client may announce a window of 4 GiB, so the window alone is no bound. */
const mostBacklog = 2 ** 20

const whenDrained = (wire: Wire, callback: () => void): void => {
  if (wire.writableLength > mostBacklog) wire.once('drain', callback)
  else callback()
}

/** `end` does not reach the channel: the exit status must be told before it is closed. */
const outputTo = (target: Writable, wire: Wire, moved: () => void): Writable =>
  new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, callback) {
      moved()
      target.write(chunk, () => whenDrained(wire, callback))
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
  const input = inputFrom(channel, moved)
  const output = outputTo(channel, wire, moved)
  const errors = outputTo(channel.stderr, wire, moved)
  for (const stream of [input, output, errors, channel, channel.stderr]) stream.on('error', nothing)
  gone.signal.addEventListener('abort', () => {
    clearTimeout(timer)
    for (const stream of [input, output, errors]) stream.destroy()
  })
  return {
    input,
    output,
    errors,
    gone: gone.signal,
    leave: () => gone.abort(new Error('the client has gone')),
    say: (text) => {
      if (!gone.signal.aborted) channel.stderr.write(text)
    },
    finish: async (exit) => {
      input.destroy()
      await Promise.all([flushed(output), flushed(errors)])
      clearTimeout(timer)
      channel.exit(exit)
      channel.end()
      channel.resume()
    },
  }
}
