import express from 'express'
import { afterMark } from '../target.ts'
import { ApiError, parameterError } from './errors.ts'
import { FormError, formOf, isUnreadable, type Parameters, parseForm } from './form.ts'
import { Fields, readFields } from './multipart.ts'

/** Largest body, in bytes, also after it was unpacked. */
export const largestBody = 2 ** 20

const formType = 'application/x-www-form-urlencoded'
const jsonTypes = ['application/json', 'application/*+json']

const partsType = 'multipart/form-data'

const toFields: express.RequestHandler = async (request, _response, next) => {
  const body: unknown = request.body
  if (body instanceof Buffer) {
    const fields = await readFields(Buffer.from(body), request.headers['content-type'] ?? '')
    if (fields === undefined) throw parameterError('message body does not match declared format')
    request.body = fields
  }
  next()
}

/** Reads the body of a request that has one: JSON becomes a value, a form waits for `parametersOf` to be taken apart. */
export const readBody = (limit: number): express.RequestHandler =>
  express
    .Router()
    .use(
      express.json({ limit, type: jsonTypes }),
      express.text({ limit, type: formType, defaultCharset: 'utf-8' }),
      express.raw({ limit, type: partsType }),
      toFields,
    )

export const hasBody = (request: express.Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

const unsupported = (type: string): ApiError =>
  new ApiError(
    415,
    { error: `The provided content-type '${type}' is not supported.` },
    { log: { 'meta.refusal_reason': 'unsupported_media_type' } },
  )

const bodyOf = (request: express.Request): Parameters => {
  const body: unknown = request.body
  if (typeof body === 'string') return parseForm(body)
  if (body instanceof Fields) return formOf(body.pairs)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Parameters
  if (Array.isArray(body)) throw parameterError('the body must be a JSON object')
  if (reads(request.method) || !hasBody(request)) return {}
  throw unsupported((request.headers['content-type'] ?? '').split(';', 1)[0] ?? '')
}

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD'

const readable = (parse: () => Parameters): Parameters => {
  try {
    const parameters = parse()
    if (!isUnreadable(parameters)) return parameters
  } catch (fault) {
    if (fault instanceof FormError) throw parameterError(fault.message)
    throw fault
  }
  throw parameterError('the request holds a NUL character or is nested too deeply')
}

const parsedQuery = (request: express.Request): Parameters => parseForm(afterMark(request.originalUrl))

/** The query alone. Throws 400 for what cannot be read. */
export const queryOf = (request: express.Request): Parameters => readable(() => parsedQuery(request))

/** Query and body together; the body wins. Throws 400 and 415 for what cannot be read. */
export const parametersOf = (request: express.Request): Parameters =>
  readable(() => ({ ...parsedQuery(request), ...bodyOf(request) }))
