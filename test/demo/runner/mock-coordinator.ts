import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Heard {
  readonly call: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Answers as a test tells it, and remembers what it was asked. */
export class MockCoordinator {
  readonly heard: Heard[] = []
  /** By method and path without `/api/v4`; what is not there answers 204. */
  readonly answers: Record<string, (heard: Heard, times: number) => Said> = {}
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(): Promise<MockCoordinator> {
    const mock = new MockCoordinator()
    mock.#server.listen(0, '127.0.0.1')
    await once(mock.#server, 'listening')
    return mock
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  to(call: string): Heard[] {
    return this.heard.filter((heard) => heard.call === call)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method} ${request.url?.replace('/api/v4', '').replace(/\?.*/, '')}`
    const heard = { call, headers: request.headers, body: await buffer(request) }
    this.heard.push(heard)
    const said = this.answers[call]?.(heard, this.to(call).length) ?? { status: 204 }
    response.writeHead(said.status, { 'Content-Type': 'application/json', ...said.headers })
    response.end(said.body === undefined ? undefined : JSON.stringify(said.body))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
