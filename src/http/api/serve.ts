import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { diskTroubleOf, diskTroubleRetry, diskTroubleWords } from '../../core/disk-trouble.ts'
import type { Answer } from './answer.ts'
import { keepNotes } from './audit-notes.ts'
import { authenticate } from './authentication.ts'
import { parametersOf, queryOf } from './body.ts'
import { askForBody } from './body-wanted.ts'
import { Call, type Route } from './call.ts'
import { type Caller, requireUser } from './caller.ts'
import { ApiError, notFound, parameterError } from './errors.ts'
import type { ApiParts } from './parts.ts'
import { addressIn, correlationId, noteCaller, noteFields } from './request-log.ts'
import { throttled } from './throttle.ts'

const pathWords = (request: Request): Record<string, string> =>
  Object.fromEntries(Object.entries(request.params).map(([name, word]) => [name, String(word)]))

/** Without a charset, as GitLab has it: python-gitlab takes nothing else for JSON. */
const sendJson = (response: Response, body: unknown): void => {
  const bytes = Buffer.from(JSON.stringify(body))
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Content-Length', bytes.length)
  response.end(bytes)
}

/** The one writer of answers. */
export const send = (response: Response, answer: Answer): void => {
  response.status(answer.status)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (answer.body === undefined) response.end()
  else if (typeof answer.body === 'string' && response.hasHeader('Content-Type')) response.end(answer.body)
  else sendJson(response, answer.body)
}

/** As `send`, also for a body that comes piece by piece. One that breaks off must not look complete. */
const deliver = async (response: Response, answer: Answer): Promise<void> => {
  const { stream, headers = {} } = answer
  if (stream === undefined || response.req.method === 'HEAD') {
    send(response, answer)
    return
  }
  response.status(answer.status)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  try {
    await stream(response)
    response.end()
  } catch (fault) {
    if (response.headersSent) response.destroy()
    else for (const name of Object.keys(headers)) response.removeHeader(name)
    throw fault
  }
}

/** Aborts when the client goes away. */
const presence = (response: Response): AbortSignal => {
  const gone = new AbortController()
  response.once('close', () => gone.abort(new Error('the client went away')))
  return gone.signal
}

/** What the handler answers, once all that it did is in the audit; so is what it did before it refused. */
const settled = async (route: Route, call: Call): Promise<Answer> => {
  try {
    return await route.handler(call)
  } finally {
    await keepNotes(call)
  }
}

/** In milliseconds; undefined for what is no time. */
const timeIn = (header: string | undefined): number | undefined => {
  const time = Date.parse(header ?? '')
  return Number.isNaN(time) ? undefined : time
}

const nobody: Caller = { kind: 'anonymous' }

/** Shared by all routes: read, authenticate, then ask the route's own handler. */
export const serve =
  (parts: ApiParts, route: Route): RequestHandler =>
  async (request, response) => {
    const path = pathWords(request)
    if (Object.values(path).some((word) => word.includes('\0'))) throw parameterError('the path holds a NUL character')
    const parameters = route.raw ? queryOf(request) : parametersOf(request)
    const address = addressIn(response)
    const shown = { method: request.method, headers: request.headers, parameters, address }
    const whoCalls = (): Promise<Caller> => (route.forRunners ? Promise.resolve(nobody) : authenticate(shown, route, parts))
    const caller = await throttled(parts, address, whoCalls)
    noteCaller(response, caller)
    if (!route.open && !route.forRunners && caller.kind !== 'job') requireUser(caller)
    const call = new Call(parts, caller, route, {
      method: request.method,
      path,
      parameters,
      url: request.originalUrl,
      now: parts.clock(),
      address,
      unmodifiedSince: timeIn(request.headers['if-unmodified-since']),
      hookEvent: request.get('x-gitlab-event'),
      signal: presence(response),
      again: whoCalls,
      headers: request.headers,
      takeBody: () => {
        askForBody(request, response)
        return request
      },
    })
    await deliver(response, await settled(route, call))
  }

/** What the framework's own readers throw: a status below 500 and what kind of fault it was. */
const isClientFault = (fault: unknown): fault is { status: number; type?: unknown } =>
  typeof fault === 'object' &&
  fault !== null &&
  'status' in fault &&
  typeof fault.status === 'number' &&
  fault.status >= 400 &&
  fault.status < 500

const readerTexts: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'message body does not match declared format',
  'entity.too.large': 'the body is too large',
  'encoding.unsupported': 'the content encoding is not supported',
  'charset.unsupported': 'the charset is not supported',
}

/** A row was written that speaks of one that somebody removed since it was looked at: nothing of it is kept. */
const isGoneMeanwhile = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && fault.code === 'SQLITE_CONSTRAINT_FOREIGNKEY'

const refusalOf = (fault: unknown): ApiError | undefined => {
  if (fault instanceof ApiError) return fault
  if (isGoneMeanwhile(fault)) return notFound(undefined, 'gone_meanwhile')
  if (!isClientFault(fault)) return undefined
  const type = String(fault.type ?? 'unreadable')
  const text = Object.hasOwn(readerTexts, type) ? readerTexts[type] : undefined
  return new ApiError(fault.status, { error: text ?? 'the request cannot be read' }, { log: { 'meta.refusal_reason': type } })
}

/** Answers with a refusal, unless an answer is out already. */
export const refuse = (response: Response, refusal: ApiError): void => {
  if (response.headersSent) return
  noteFields(response, refusal.log)
  send(response, refusal)
}

/** A disk that is full or does not work is told: it is nobody's mistake, and may be over soon. */
const answerToFault = (fault: unknown, id: string): Answer => {
  const trouble = diskTroubleOf(fault)
  if (trouble === undefined) return { status: 500, body: { message: '500 Internal Server Error', correlation_id: id } }
  const message = `503 Service Unavailable - ${diskTroubleWords[trouble]}`
  return { status: 503, headers: { 'Retry-After': String(diskTroubleRetry) }, body: { message, correlation_id: id } }
}

/** Refusals get their answer; any other fault is logged and becomes 500 or 503, with the id under which the log has it. */
export const writeError =
  (parts: ApiParts): ErrorRequestHandler =>
  (fault: unknown, _request, response, _next) => {
    const refusal = refusalOf(fault)
    if (refusal !== undefined) {
      refuse(response, refusal)
      return
    }
    const id = correlationId(response)
    parts.log.error({ correlation_id: id, err: fault }, 'a request failed')
    if (response.headersSent) response.destroy()
    else send(response, answerToFault(fault, id))
  }
