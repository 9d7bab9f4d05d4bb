import type { Socket } from 'node:net'

/** From this size on it is worth it to give memory back by hand, in bytes. */
const largeSize = 4_096

/**
 * Gives the memory of a large buffer back at once, where the buffer is all that lies in it. Nobody may look at it any
 * more. Left to the collector, the memory that a clone passes through would make it go over the whole heap every 20 MiB.
 */
export const giveBack = ({ buffer, length }: Buffer): void => {
  if (length >= largeSize && buffer.byteLength === length && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/**
 * Writes what ssh2 has encrypted. ssh2 writes a packet in three pieces, each of which would be a system call and a TCP
 * segment of its own: here all that is written in one turn of the event loop leaves together.
 */
export const makeOutlet = (socket: Socket): ((bytes: Buffer) => void) => {
  let isHeld = false
  const release = (): void => {
    isHeld = false
    socket.uncork()
  }
  return (bytes) => {
    if (!socket.writable) return
    if (!isHeld) {
      isHeld = true
      socket.cork()
      process.nextTick(release)
    }
    // A cipher made this memory for this packet, and looks at it no more once the turn is over. What failed may be under way.
    socket.write(bytes, (error) => {
      if (!error) giveBack(bytes)
    })
  }
}
