import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import type { AuditNote } from '../../core/audit.ts'
import type { Answer } from './answer.ts'
import type { Caller } from './caller.ts'
import type { Parameters } from './form.ts'
import { readInput } from './input.ts'
import { pageInput } from './page-input.ts'
import type { ApiParts } from './parts.ts'

type Declared = Pick<RouteOptions, 'input' | 'paged'>

const declares = ({ input = [], paged }: Declared, schema: z.ZodType): boolean =>
  input.includes(schema) || (paged === true && schema === pageInput)

/** One request as a handler sees it: who calls, and what was sent, still unchecked but by `read`. */
export class Call {
  readonly parts: ApiParts
  readonly caller: Caller
  readonly method: string
  /** Words of the path (`:id`), percent-decoded. */
  readonly path: Readonly<Record<string, string>>
  /** Query and body together; the body wins. */
  readonly parameters: Parameters
  /** Path and query as the client sent them. */
  readonly url: string
  readonly now: number
  /** Of the client, behind the proxies that are trusted; undefined where it is gone. */
  readonly address: string | undefined
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal
  /** Who calls, asked again: for what takes long. Throws where the credential is no longer good. */
  readonly again: () => Promise<Caller>
  /** `If-Unmodified-Since`, in milliseconds; asked by `refuseModified`. */
  readonly unmodifiedSince: number | undefined
  /** `X-Gitlab-Event`: the request is a webhook of another server. */
  readonly hookEvent: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Of a `raw` route: says that the body is wanted, and gives it as it comes. */
  readonly takeBody: () => Readable
  readonly #route: Declared
  readonly #notes: AuditNote[] = []

  constructor(
    parts: ApiParts,
    caller: Caller,
    route: Declared,
    from: Pick<
      Call,
      | 'method'
      | 'path'
      | 'parameters'
      | 'url'
      | 'now'
      | 'address'
      | 'unmodifiedSince'
      | 'hookEvent'
      | 'signal'
      | 'again'
      | 'headers'
      | 'takeBody'
    >,
  ) {
    this.#route = route
    this.parts = parts
    this.caller = caller
    this.method = from.method
    this.path = from.path
    this.parameters = from.parameters
    this.url = from.url
    this.now = from.now
    this.address = from.address
    this.unmodifiedSince = from.unmodifiedSince
    this.hookEvent = from.hookEvent
    this.headers = from.headers
    this.takeBody = from.takeBody
    this.signal = from.signal
    this.again = from.again
  }

  /** Checks the parameters; throws Grape's 400. The route must declare the schema, or its description would be wrong. */
  read<Value>(schema: z.ZodType<Value>): Value {
    if (!declares(this.#route, schema)) throw new Error('the route does not declare what it reads')
    return readInput(schema, this.parameters)
  }

  /** A word of the path that the route declares. */
  word(name: string): string {
    const word = this.path[name]
    if (word === undefined) throw new Error(`the route has no :${name}`)
    return word
  }

  /** Says what was done, once it is done; the event is on disk before the answer goes out. */
  audit(...notes: readonly AuditNote[]): void {
    this.#notes.push(...notes)
  }

  get notes(): readonly AuditNote[] {
    return this.#notes
  }

  /** This moment as rows keep it. */
  get instant(): string {
    return new Date(this.now).toISOString()
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface RouteOptions {
  /** Scopes taken besides `api` and, for reading, `read_api`; `any`: every valid token. */
  readonly scopes?: readonly string[] | 'any'
  /** Puts a new token in an old one's place: a token that had its place taken and asks for this ends its successors. */
  readonly rotates?: true
  /** Its answer is a secret by which one can do more than read: `read_api` is not enough. */
  readonly tellsSecret?: true
  /** Takes the token of a running job as well; elsewhere a job is nobody in particular (gitlab `job_token_allowed`). */
  readonly jobToken?: true
  /** Answers anonymous callers too; otherwise they get 401 before the handler is asked. */
  readonly open?: true
  /** Asked by runners: the handler looks for the token that a runner or job shows, and no other token is looked at. */
  readonly forRunners?: true
  /** The handler reads the body itself, as it comes (`takeBody`); parameters are those of the query. */
  readonly raw?: true
  /** Its body may be large: it may take as long as whoever sends it is let in, and goes on. */
  readonly slowBody?: true
  /** Every schema by which the handler reads parameters (`call.read`), which takes no other; the published description is made of them. */
  readonly input?: readonly z.ZodType[]
  /** The body of a 2xx answer; none where it has no body. */
  readonly output?: z.ZodType
  /** A list in pages, of `output`s. Its own parameters need no word in `input`. */
  readonly paged?: true
  /** Of the answer when all is well. Unless said: 204 without `output`, 201 to POST, else 200. */
  readonly status?: number
  /** There may be nothing to answer: 204 then. */
  readonly orNothing?: true
  /** What `output` is sent as, where that is not JSON. */
  readonly media?: string
  /** A few words on what it does. */
  readonly summary?: string
  readonly handler: (call: Call) => Promise<Answer>
}

export interface Route extends RouteOptions {
  readonly method: Method
  /** Below `/api/v4`, with `:words`. */
  readonly path: string
}

export const route = (method: Method, path: string, options: RouteOptions): Route => ({ method, path, ...options })
