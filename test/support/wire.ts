import { Agent, type IncomingMessage, request } from 'node:http'

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What two answers may differ in, though the same was said. */
const ofTheMoment = new Set(['date', 'x-request-id'])

const textOf = async (response: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(Buffer.from(piece))
  const headers = response.rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && !ofTheMoment.has(name.toLowerCase()) ? [`${name}: ${response.rawHeaders[at + 1]}`] : [],
  )
  return [response.statusCode, ...headers, '', Buffer.concat(pieces).toString('latin1')].join('\n')
}

/** Asks over one connection, and answers with all that was sent back, so that it can be compared byte by byte. */
export class Wire {
  readonly #base: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(base: string) {
    this.#base = base
  }

  ask(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<string> {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    return new Promise((resolve, reject) => {
      const asked = request(`${this.#base}${path}`, { method, agent: this.#agent, headers: { ...headers, ...length } })
      asked.once('response', (response) => textOf(response).then(resolve, reject))
      asked.once('error', reject)
      asked.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
