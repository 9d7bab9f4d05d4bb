import type { Socket } from 'node:net'
import type { Header } from 'ssh2'

/** How long a client may keep our first reply waiting, in milliseconds: more than any network takes. */
const patience = 1_000

/** Behind the line come two bytes that end it. */
const lineEnd = 2

/**
 * Holds what we send until the client has sent its list of algorithms too. OpenSSH sends that unasked, and hands its next,
 * small packet to the network only when the list is acknowledged. A reply of ours that carries the acknowledgement lets it
 * go on at once; had we sent ours before, there would be nothing to send, and the system would acknowledge 40 ms later.
 * Other clients send without waiting for acknowledgements, or send their list only after ours.
 */
export const holdFirstReply = (socket: Socket, { identRaw, versions }: Header): void => {
  if (!versions.software.startsWith('OpenSSH') || socket.bytesRead > identRaw.length + lineEnd) return
  const release = (): void => {
    clearTimeout(timer)
    socket.off('data', release)
    socket.uncork()
  }
  const timer = setTimeout(release, patience)
  socket.once('close', () => clearTimeout(timer))
  socket.once('data', release)
  socket.cork()
}
