import type { Connection } from 'ssh2'
import type { Wire } from './channel-writer.ts'
import type { Inside } from './inside-ssh2.ts'

/**
 * A client's connection as channels see it. While keys are exchanged ssh2 keeps in memory whatever is sent, and a client
 * may begin an exchange that it never ends: so nothing more is written then than what is already being written.
 */
export const makeWire = (client: Connection, { socket, protocol }: Inside): Wire => {
  const isExchanging = (): boolean => protocol._kexinit !== undefined
  // Each channel may wait.
  client.setMaxListeners(0)
  return {
    get writableLength() {
      return isExchanging() ? Number.POSITIVE_INFINITY : socket.writableLength
    },
    onceDrained: (callback) => {
      if (isExchanging()) client.once('handshake', callback)
      else socket.once('drain', callback)
    },
  }
}
