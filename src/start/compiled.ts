import { flushCompileCache } from 'node:module'

/**
 * Keeps what Node compiled for the next start, which then takes half the time. Node does this by itself when a process
 * ends, but not when it is killed, and a server is not meant to end.
 */
export const keepCompiled = (): void => {
  setTimeout(flushCompileCache, 1000).unref()
}
