import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Logger } from '../../log.ts'
import type { AddressOf } from '../client-address.ts'
import type { Caller } from './caller.ts'

interface Noted {
  readonly id: string
  readonly address: string | undefined
  readonly fields: Record<string, unknown>
}

const noted = new WeakMap<Response, Noted>()

const notedOf = (response: Response): Noted => {
  const found = noted.get(response)
  if (found === undefined) throw new Error('a request is answered whose log line was never begun')
  return found
}

/** The id by which a request is found in the log; the client has it in `X-Request-Id`. */
export const correlationId = (response: Response): string => notedOf(response).id

/** Of the client, behind the proxies that are trusted; undefined where it is gone. */
export const addressIn = (response: Response): string | undefined => notedOf(response).address

/** Adds flat keys to the request's one log line. */
export const noteFields = (response: Response, fields: Readonly<Record<string, unknown>>): void => {
  Object.assign(notedOf(response).fields, fields)
}

/** Adds who called, and by which token. */
export const noteCaller = (response: Response, caller: Caller): void => {
  if (caller.kind === 'anonymous') return
  noteFields(response, {
    user_id: caller.user.id,
    username: caller.user.username,
    token_type: caller.tokenKind,
    token_id: caller.tokenId,
    token_scopes: caller.scopes,
    ...(caller.actingFor && { 'meta.sudo_by': caller.actingFor.username }),
  })
}

/** The path without its query, which may hold a token. */
const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? ''

/** Writes one line when the answer is out, or the client gone. */
export const logRequest =
  (log: Logger, addressOf: AddressOf) =>
  (request: Request, response: Response, next: () => void): void => {
    const started = performance.now()
    const entry: Noted = { id: randomUUID(), address: addressOf(request), fields: {} }
    noted.set(response, entry)
    response.setHeader('X-Request-Id', entry.id)
    response.once('close', () => {
      log.info(
        {
          correlation_id: entry.id,
          method: request.method,
          path: pathOf(request),
          status: response.writableFinished ? response.statusCode : 499,
          duration_ms: Math.round(performance.now() - started),
          remote_ip: entry.address,
          ...entry.fields,
        },
        'api request',
      )
    })
    next()
  }
