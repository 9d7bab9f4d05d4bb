import type { Protocol } from './inside-ssh2.ts'

/** Sees a message of a client, and answers with what ssh2 is to take for it. What it throws ends the connection. */
export type Look = (payload: Buffer) => Buffer

/**
 * Shows each message of a client to `look` before ssh2 acts on it. ssh2 unpacks messages by a reader, which it makes anew
 * at each exchange of keys; without compression all return what they are given, so ours stays in their place.
 */
export const showMessages = (protocol: Protocol, look: Look): void => {
  const reader = { read: look, cleanup: () => {} }
  Object.defineProperty(protocol._packetRW, 'read', { get: () => reader, set: () => {} })
}
