import type { Writable } from 'node:stream'
import type { ServerChannel } from 'ssh2'

/** The client's TCP connection, whose backlog ssh2 does not look at. */
export interface Wire extends Pick<Writable, 'writableLength'> {
  /** Calls back when there is room again. */
  onceDrained(callback: () => void): void
}

type Write = (bytes: Buffer, taken: () => void) => void

/** Writes to a channel's two streams, one write at a time. A write calls back once the next may come. */
export interface ChannelWriter {
  readonly output: Write
  readonly errors: Write
  /** Resolves when no write is waiting any more; never, where the client does not read. */
  idle(): Promise<void>
}

/** Bytes that may wait for a slow connection. A client may announce a window of 4 GiB, so the window alone is no bound. */
const mostBacklog = 2 ** 20

const whenDrained = (wire: Wire, callback: () => void): void => {
  if (wire.writableLength > mostBacklog) wire.onceDrained(callback)
  else callback()
}

/** Runs tasks one after another; each says itself when it is done. */
const makeLane = (): ((task: (done: () => void) => void) => void) => {
  const waiting: ((done: () => void) => void)[] = []
  let isBusy = false
  const next = (): void => {
    const task = waiting.shift()
    isBusy = task !== undefined
    task?.(next)
  }
  return (task) => {
    waiting.push(task)
    if (!isBusy) next()
  }
}

/**
 * ssh2 remembers what it could not send for want of window in `_chunk` (output) and `_chunkErr` (errors), serves only
 * one of them when the window opens, output first, and never forgets `_chunk`: errors that stall later would make it
 * send old output once more. Hence one write at a time, and its memory is cleared after each.
 */
const clean = { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined }

export const makeChannelWriter = (channel: ServerChannel, wire: Wire): ChannelWriter => {
  const lane = makeLane()
  const writeTo =
    (target: Writable): Write =>
    (bytes, taken) =>
      lane((done) => {
        target.write(bytes, () => {
          Object.assign(channel, clean)
          whenDrained(wire, () => {
            done()
            taken()
          })
        })
      })
  return {
    output: writeTo(channel),
    errors: writeTo(channel.stderr),
    idle: () =>
      new Promise((resolve) =>
        lane((done) => {
          done()
          resolve()
        }),
      ),
  }
}
