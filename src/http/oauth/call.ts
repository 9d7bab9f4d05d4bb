import type { IncomingHttpHeaders } from 'node:http'
import type { RequestHandler } from 'express'
import type { Answer } from '../api/answer.ts'
import { readBody } from '../api/body.ts'
import { askForBody } from '../api/body-wanted.ts'
import { tooManyRequests } from '../api/errors.ts'
import type { ApiParts } from '../api/parts.ts'
import { addressIn, noteFields } from '../api/request-log.ts'
import { send } from '../api/serve.ts'
import { oauthError } from './errors.ts'
import { type OauthParameters, readParameters } from './parameters.ts'

export type OauthParts = Pick<
  ApiParts,
  'store' | 'settings' | 'activity' | 'clock' | 'log' | 'throttles' | 'gate' | 'ban' | 'signing'
>

/** One request to an endpoint. */
export interface OauthCall {
  readonly parts: OauthParts
  readonly method: string
  /** Without its query. */
  readonly path: string
  readonly parameters: OauthParameters
  readonly headers: IncomingHttpHeaders
  /** Of the client. */
  readonly address: string | undefined
  readonly now: number
  /** Adds to the request's line in the log. */
  note(fields: Readonly<Record<string, unknown>>): void
}

export type OauthHandler = (call: OauthCall) => Promise<Answer>

/** In bytes. */
const largestBody = 64 * 2 ** 10

const wantBody: RequestHandler = (request, response, next) => {
  askForBody(request, response)
  next()
}

const readAny = readBody(largestBody)

const statusOf = (fault: unknown): number =>
  typeof fault === 'object' && fault !== null && 'status' in fault && typeof fault.status === 'number' ? fault.status : 500

/** A body that cannot be read is told in the words of the standard. */
const takeBody: RequestHandler = (request, response, next) => {
  readAny(request, response, (fault?: unknown) => {
    const status = statusOf(fault)
    if (fault === undefined || status < 400 || status >= 500) next(fault)
    else next(oauthError('invalid_request', { status, description: 'The body cannot be read.', reason: 'body_unreadable' }))
  })
}

const answerBy =
  (parts: OauthParts, handler: OauthHandler): RequestHandler =>
  async (request, response) => {
    const address = addressIn(response)
    const throttled = await parts.throttles.take('web', { kind: 'address', address })
    if (throttled !== undefined) throw tooManyRequests(throttled)
    const answer = await handler({
      parts,
      method: request.method,
      path: request.path,
      parameters: readParameters(request),
      headers: request.headers,
      address,
      now: parts.clock(),
      note: (fields) => noteFields(response, fields),
    })
    send(response, answer)
  }

/** An endpoint as the router takes it. */
export const endpoint = (parts: OauthParts, handler: OauthHandler): RequestHandler[] => [
  wantBody,
  takeBody,
  answerBy(parts, handler),
]
