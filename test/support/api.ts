import { holdToDescription } from './described.ts'
import { askKept } from './kept-alive.ts'
import { rootToken } from './sallyport.ts'

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is what a test asks about
  readonly body: any
  readonly headers: Headers
}

const nobody = ''

/** A client of the REST API for one token: that of `root`, unless asked otherwise. */
export class Api {
  readonly #base: string
  readonly #token: string

  constructor(base: string, token: string = rootToken) {
    this.#base = base
    this.#token = token
  }

  /** @param token undefined: calls as nobody */
  as(token: string | undefined): Api {
    return new Api(this.#base, token ?? nobody)
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const reply = await askKept(`${this.#base}/api/v4${path}`, {
      method,
      headers: {
        ...(this.#token !== nobody && { 'PRIVATE-TOKEN': this.#token }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = {
      status: reply.status,
      body: reply.text === '' ? undefined : JSON.parse(reply.text),
      get headers() {
        return reply.headers
      },
    }
    holdToDescription({ method, path, status: answer.status, body: answer.body })
    return answer
  }

  /** For setting a scene: throws where the answer is a refusal. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  async make(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.call(method, path, body)
    if (answer.status < 300) return answer.body
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
}
