import type { Socket } from 'node:net'
import { giveBack } from '../git/passing.ts'

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
