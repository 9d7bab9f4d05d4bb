import type { Connection } from 'ssh2'
import type { Look } from './incoming.ts'
import { windowOf } from './inside-ssh2.ts'

const messageData = 94

/**
 * Keeps a client to the windows that it was given (RFC 4254, section 5.2). ssh2 1.17 counts what comes, but takes it also
 * beyond the end of a window, into memory.
 */
export const keepToWindows =
  (client: Connection): Look =>
  (payload) => {
    if (payload[0] !== messageData || payload.length < 9) return payload
    const window = windowOf(client, payload.readUInt32BE(1))
    if (window === undefined || payload.readUInt32BE(5) <= window) return payload
    throw new Error('more bytes than the window of a channel takes')
  }
