import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers that are not out yet, by their connections: there may be several, of requests that were sent at once. */
export class OpenAnswers {
  readonly #open = new WeakMap<Duplex, Set<ServerResponse>>()

  add(socket: Duplex, response: ServerResponse): void {
    const open = this.#open.get(socket) ?? new Set()
    this.#open.set(socket, open.add(response))
    response.once('close', () => open.delete(response))
  }

  /** Whether an answer has begun on a connection, so that whatever else is written would be read as part of it. */
  hasBegun(socket: Duplex): boolean {
    return [...(this.#open.get(socket) ?? [])].some((response) => response.headersSent)
  }
}
