import type { Worker } from 'node:cluster'

/** A connection as Node's primary holds it, before it is a socket. */
interface Closable {
  close(): void
}

const isClosable = (handle: unknown): handle is Closable =>
  typeof handle === 'object' && handle !== null && 'close' in handle && typeof handle.close === 'function'

const numberIn = (message: unknown, name: 'seq' | 'ack'): number | undefined => {
  if (typeof message !== 'object' || message === null || !(name in message)) return undefined
  const value: unknown = Reflect.get(message, name)
  return typeof value === 'number' ? value : undefined
}

const isNewConnection = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'act' in message && message.act === 'newconn'

/**
 * Closes a connection that was being handed to a worker when the worker died. Node forgets it, open
 * (`lib/internal/cluster/round_robin_handle.js` waits for an answer that never comes), and its client would wait for
 * ever. There is one at most for each door.
 */
export const closeLostConnections = ({ process }: Worker): void => {
  const handed = new Map<number, Closable>()
  const send = process.send.bind(process)
  process.send = (message: unknown, handle?: unknown, ...rest: readonly unknown[]): boolean => {
    const number = numberIn(message, 'seq')
    if (number !== undefined && isNewConnection(message) && isClosable(handle)) handed.set(number, handle)
    return Reflect.apply(send, process, [message, handle, ...rest]) === true
  }
  process.on('internalMessage', (message: unknown) => handed.delete(numberIn(message, 'ack') ?? -1))
  process.once('exit', () => {
    for (const handle of handed.values()) handle.close()
  })
}
