import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { type LogFields, type Logger, tellLine } from '../log.ts'

/** One request on its way through the door. */
export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Sent as `X-Request-Id` and logged as `correlation_id`. */
  readonly id: string
  /** Of the client, behind the proxies that are trusted; undefined where it is gone. */
  readonly address: string | undefined
  /** When it came, in milliseconds. */
  readonly started: number
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
}

export type LogLevelOfRequest = 'info' | 'warn' | 'error'

/** The path alone: a query may carry what is nobody's business. */
export const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0]?.slice(0, 1_024) ?? ''

/** The one line that is written about a request. */
export const logRequest = (
  log: Logger,
  clock: Clock,
  visit: Visit,
  level: LogLevelOfRequest,
  fields: LogFields,
  message = 'http request',
): void => {
  const { request } = visit
  const line = {
    door: 'http',
    method: request.method ?? '',
    path: pathOf(request),
    remote_ip: visit.address ?? '',
    duration_s: (clock() - visit.started) / 1_000,
    correlation_id: visit.id,
    ...fields,
  }
  tellLine(log, level, line, message)
}
