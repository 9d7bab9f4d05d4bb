import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'

export interface Sent {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** An answer that was read whole. */
export interface Read {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

const plain = new Agent({ keepAlive: true })
const tls = new TlsAgent({ keepAlive: true })

const headersOf = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  return headers
}

const read = async (answer: IncomingMessage): Promise<Read> => {
  const pieces: Buffer[] = []
  for await (const piece of answer) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString()
  return {
    status: answer.statusCode ?? 0,
    text,
    get headers() {
      return headersOf(answer)
    },
  }
}

/** As `fetch` without redirects, over connections that are kept: tests ask tens of thousands of times, and `fetch` costs a millisecond. */
export const askKept = (url: string, { method, headers, body }: Sent): Promise<Read> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    const options: RequestOptions = { method, headers: { Accept: '*/*', ...length, ...headers } }
    const sent = url.startsWith('https:')
      ? tlsRequest(url, { ...options, agent: tls })
      : request(url, { ...options, agent: plain })
    sent.once('response', (answer) => read(answer).then(resolve, reject))
    sent.once('error', reject)
    sent.end(body)
  })
