import type { Throttled } from '../throttles.ts'

export interface ErrorDetails {
  readonly headers?: Readonly<Record<string, string>>
  /** Flat keys for the request's log line: the precise reason, which the client does not see; a usual one where none is given. */
  readonly log?: Readonly<Record<string, string>>
}

const standardReasons: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'credential_missing',
  403: 'permission_missing',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  412: 'precondition_failed',
  422: 'unprocessable',
  429: 'endpoint_throttled',
}

/** Whether fields of a log line say why a request was refused. */
export const namesReason = (log: Readonly<Record<string, unknown>>): boolean =>
  'meta.refusal_reason' in log || 'meta.auth_fail_reason' in log

const reasonOf = (status: number): Readonly<Record<string, string>> =>
  status < 400 ? {} : { 'meta.refusal_reason': standardReasons[status] ?? `status_${status}` }

/** A refusal of the API on its way to the one writer. Bodies are GitLab's, in its two dialects, `message` and `error`. */
export class ApiError extends Error {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly log: Readonly<Record<string, string>>

  constructor(status: number, body: unknown, details: ErrorDetails = {}) {
    super(`answered ${status}`)
    this.status = status
    this.body = body
    this.headers = details.headers ?? {}
    this.log = { ...(namesReason(details.log ?? {}) ? {} : reasonOf(status)), ...details.log }
  }
}

const because = (reason: string): ErrorDetails => ({ log: { 'meta.refusal_reason': reason } })

export const unauthorized = (reason = 'credential_missing'): ApiError =>
  new ApiError(401, { message: '401 Unauthorized' }, because(reason))

export const forbidden = (sentence?: string, reason = 'permission_missing'): ApiError =>
  new ApiError(403, { message: sentence === undefined ? '403 Forbidden' : `403 Forbidden - ${sentence}` }, because(reason))

/** @param what GitLab's name of the thing (`Project`, `Deploy Key`); none for the bare sentence */
export const notFound = (what?: string, reason = 'not_found'): ApiError =>
  new ApiError(404, { message: what === undefined ? '404 Not Found' : `404 ${what} Not Found` }, because(reason))

/** A refusal in which GitLab does not use its "400 Bad request" form. */
export const plainNotFound = (message: string): ApiError => new ApiError(404, { message }, because('not_found'))

export const badRequest = (text: string): ApiError =>
  new ApiError(400, { message: `400 Bad request - ${text}` }, because('bad_request'))

/** GitLab's bare 400, where it gives no reason. */
export const plainBadRequest = (): ApiError => new ApiError(400, { message: '400 Bad request' }, because('bad_request'))

/** Failed validation of a record: messages by field (Rails). Some resources answer 422 or 409 with the same form. */
export const validation = (messages: Readonly<Record<string, readonly string[]>>, status = 400): ApiError =>
  new ApiError(status, { message: messages }, because('invalid_record'))

/** Parameters that are missing or malformed (Grape): one line. */
export const parameterError = (line: string): ApiError => new ApiError(400, { error: line }, because('invalid_parameters'))

/** The address is right, and not for this caller. */
export const methodNotAllowed = (): ApiError => new ApiError(405, { message: '405 Method Not Allowed' })

export const conflict = (message: string): ApiError => new ApiError(409, { message }, because('conflict'))

export const unprocessable = (message: unknown): ApiError => new ApiError(422, { message }, because('unprocessable'))

/** GitLab's answer to whoever asks too often; the one that is no JSON. */
export const tooManyRequests = ({ name, text, headers }: Throttled): ApiError =>
  new ApiError(429, text, {
    headers: { 'Content-Type': 'text/plain', ...headers },
    log: { ...because('request_throttled').log, env: 'throttle', matched: name },
  })

/** Too much of one thing in too short a time (gitlab `lib/api/helpers/rate_limiter.rb`). */
export const tooMuch = (): ApiError =>
  new ApiError(
    429,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
    because('endpoint_throttled'),
  )

export const tooBusy = (): ApiError =>
  new ApiError(
    429,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
    { ...because('password_checks_busy'), headers: { 'Retry-After': '5' } },
  )
