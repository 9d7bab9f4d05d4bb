import type { Socket } from 'node:net'
import { serverIsBusy } from '../git/engine.ts'

/** How long one may take to read the answer, in milliseconds, and how many may at once. */
const patience = 500
const mostReading = 100

const head = [
  'HTTP/1.1 503 Service Unavailable',
  'Connection: close',
  'Content-Type: text/plain; charset=utf-8',
  'Retry-After: 5',
]
const answer = `${[...head, `Content-Length: ${serverIsBusy.length}`].join('\r\n')}\r\n\r\n${serverIsBusy}`

/** Connections for which there is no room. A few at a time are told so, whatever they ask; over TLS, nobody could read it. */
export class TurnedAway {
  #reading = 0

  answer(socket: Socket): void {
    socket.on('error', () => {})
    if (this.#reading >= mostReading) {
      socket.destroy()
      return
    }
    this.#reading += 1
    const late = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => {
      clearTimeout(late)
      this.#reading -= 1
    })
    // What the client sends has to be taken, or the system would throw the answer away with it.
    socket.resume()
    socket.end(answer)
  }
}
