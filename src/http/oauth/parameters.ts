import type { Request } from 'express'
import { Secret } from '../../core/secret.ts'
import { Fields } from '../api/multipart.ts'
import { afterMark } from '../target.ts'
import { missing, oauthError } from './errors.ts'

/** What a request says, each name once. What is empty is left out (RFC 6749, 3.1). */
export type OauthParameters = ReadonlyMap<string, string>

const mostParameters = 50
const longestValue = 8192

const malformed = (description: string) => oauthError('invalid_request', { description, reason: 'request_malformed' })

const pairsOf = (body: unknown): readonly (readonly [string, unknown])[] => {
  if (typeof body === 'string') return [...new URLSearchParams(body)]
  if (body instanceof Fields) return body.pairs
  if (Array.isArray(body)) throw malformed('The body must be a form or a JSON object.')
  return typeof body === 'object' && body !== null ? Object.entries(body) : []
}

const isSound = (value: string): boolean => value.length <= longestValue && !value.includes('\0')

const asParameters = (pairs: readonly (readonly [string, unknown])[]): OauthParameters => {
  if (pairs.length > mostParameters) throw malformed('There are too many parameters.')
  const found = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (value === null) continue
    if (typeof value !== 'string' || !isSound(value)) throw malformed('A parameter cannot be read.')
    if (found.has(name)) throw malformed('A parameter is included more than once.')
    found.set(name, value)
  }
  return new Map([...found].filter(([, value]) => value !== ''))
}

/** Of a GET the query, of a POST the body alone: an address is written into logs on its way. Throws `invalid_request`. */
export const readParameters = (request: Request): OauthParameters =>
  asParameters(request.method === 'POST' ? pairsOf(request.body) : [...new URLSearchParams(afterMark(request.originalUrl))])

export const requiredText = (parameters: OauthParameters, name: string): string => {
  const value = parameters.get(name)
  if (value === undefined) throw missing(name)
  return value
}

export const requiredSecret = (parameters: OauthParameters, name: string): Secret => new Secret(requiredText(parameters, name))
