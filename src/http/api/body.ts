import express from 'express'
import { ApiError, parameterError } from './errors.ts'
import { FormError, isUnreadable, type Parameters, parseForm } from './form.ts'

/** Largest body, in bytes, also after it was unpacked. */
const largest = 2 ** 20

const formType = 'application/x-www-form-urlencoded'
const jsonTypes = ['application/json', 'application/*+json']

/** Read the body of a request that has one: JSON becomes a value, a form stays text until `parametersOf`. */
export const bodyReaders = [
  express.json({ limit: largest, type: jsonTypes }),
  express.text({ limit: largest, type: formType, defaultCharset: 'utf-8' }),
]

const hasBody = (request: express.Request): boolean =>
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
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Parameters
  if (Array.isArray(body)) throw parameterError('the body must be a JSON object')
  if (reads(request.method) || !hasBody(request)) return {}
  throw unsupported((request.headers['content-type'] ?? '').split(';', 1)[0] ?? '')
}

const reads = (method: string): boolean => method === 'GET' || method === 'HEAD'

/** Query and body together; the body wins. Throws 400 and 415 for what cannot be read. */
export const parametersOf = (request: express.Request): Parameters => {
  const query = request.originalUrl.split('?', 2)[1] ?? ''
  try {
    const parameters: Parameters = { ...parseForm(query), ...bodyOf(request) }
    if (!isUnreadable(parameters)) return parameters
  } catch (fault) {
    if (fault instanceof FormError) throw parameterError(fault.message)
    throw fault
  }
  throw parameterError('the request holds a NUL character or is nested too deeply')
}
