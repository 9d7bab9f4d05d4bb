import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import { credentialFields, type Logger, tellLine, userFields, whoFields } from '../../log.ts'
import type { AddressOf } from '../client-address.ts'
import type { Caller } from './caller.ts'
import { asPrincipal } from './caller-principal.ts'
import { namesReason } from './errors.ts'

interface Noted {
  readonly id: string
  readonly address: string | undefined
  readonly fields: Record<string, unknown>
  message: string
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

/** What the request's line is called, where GitLab has words of its own. */
export const noteMessage = (response: Response, message: string): void => {
  notedOf(response).message = message
}

/** Adds who called, and by which token. */
export const noteCaller = (response: Response, caller: Caller): void => {
  if (caller.kind === 'anonymous') return
  if (caller.kind === 'job') {
    noteFields(response, whoFields(asPrincipal(caller)))
    return
  }
  noteFields(response, {
    ...userFields(caller.user),
    ...credentialFields(caller.credential, caller.scopes),
    ...(caller.actingFor && { 'meta.sudo_by': caller.actingFor.username }),
  })
}

/** The path without its query, which may hold a token. */
const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? ''

/** For refusals that carry no reason of their own. */
const reasonOfStatus = (status: number): string => (status === 499 ? 'client_gone' : `status_${status}`)

const levelOf = (status: number): 'info' | 'warn' | 'error' => (status < 400 ? 'info' : status < 500 ? 'warn' : 'error')

const outcomeFields = (status: number, { fields }: Noted): Record<string, unknown> => ({
  ...(status >= 400 && status < 500 && !namesReason(fields) && { 'meta.refusal_reason': reasonOfStatus(status) }),
  ...fields,
})

/** Writes one line when the answer is out, or the client gone. */
export const logRequest =
  (log: Logger, addressOf: AddressOf) =>
  (request: Request, response: Response, next: () => void): void => {
    const started = performance.now()
    const entry: Noted = { id: randomUUID(), address: addressOf(request), fields: {}, message: 'api request' }
    noted.set(response, entry)
    response.setHeader('X-Request-Id', entry.id)
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499
      const line = {
        door: 'api',
        method: request.method,
        path: pathOf(request),
        remote_ip: entry.address ?? '',
        duration_s: Math.round(performance.now() - started) / 1_000,
        correlation_id: entry.id,
        status,
        ...outcomeFields(status, entry),
      }
      tellLine(log, levelOf(status), line, entry.message)
    })
    next()
  }
