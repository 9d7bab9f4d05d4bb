import type { Request, RequestHandler } from 'express'
import { isPresentedGood } from './authentication.ts'
import { hasBody, largestBody, queryOf, readBody } from './body.ts'
import { askForBody } from './body-wanted.ts'
import type { Route } from './call.ts'
import { ApiError, unauthorized } from './errors.ts'
import type { ApiParts } from './parts.ts'
import { addressIn } from './request-log.ts'
import { refuse } from './serve.ts'
import { countingRefusals } from './throttle.ts'

/** Largest body, in bytes, of those who show no credential outside it: some room for a token and what goes with it. */
const largestOfStrangers = 64 * 2 ** 10

const read = { known: readBody(largestBody), stranger: readBody(largestOfStrangers) }

const tooLarge = (): ApiError =>
  new ApiError(413, { error: 'the body is too large' }, { log: { 'meta.refusal_reason': 'entity.too.large' } })

const tokenTypes = /^(?:application\/(?:x-www-form-urlencoded|json|[^;]*\+json)|multipart\/form-data)\s*(?:;|$)/i

/** Whether a token may stand in the body: GitLab takes `private_token` there too. */
const mayHoldToken = (request: Request, length: number): boolean => {
  const type = request.headers['content-type'] ?? ''
  return length <= largestOfStrangers && tokenTypes.test(type)
}

const patience = new WeakMap<object, () => void>()

/** The body of this request may take as long as whoever reads it lets it. */
const waitLonger = (body: object): void => patience.get(body)?.()

/**
 * Asks by header and query who calls before a byte of the body is read. Where these show nothing, and the route wants a
 * login, only a small form or JSON body is read, for the token that may stand in it. Throws 401, 403 and 413.
 */
export const admit =
  (parts: ApiParts, route: Route): RequestHandler =>
  async (request, response, next) => {
    if (!hasBody(request) || route.raw) {
      if (route.slowBody) waitLonger(request)
      next()
      return
    }
    const length = Number(request.headers['content-length'] ?? 0)
    const shown = { method: request.method, headers: request.headers, parameters: queryOf(request), address: addressIn(response) }
    const known = !route.forRunners && (await countingRefusals(parts, shown.address, () => isPresentedGood(shown, route, parts)))
    if (!known && !route.open && !route.forRunners && !mayHoldToken(request, length)) throw unauthorized()
    if (length > largestBody) throw tooLarge()
    askForBody(request, response)
    read[known ? 'known' : 'stranger'](request, response, next)
  }

const tooLate = (): ApiError =>
  new ApiError(
    408,
    { message: '408 Request Timeout - the body of the request did not arrive in time' },
    { headers: { Connection: 'close' }, log: { 'meta.refusal_reason': 'body_too_late' } },
  )

/** Ends the connection where a body has not arrived whole in time, be it read, or left over by a refusal. */
export const bodyDeadline =
  (milliseconds: number): RequestHandler =>
  (request, response, next) => {
    if (hasBody(request)) {
      const timer = setTimeout(() => {
        if (response.headersSent) request.socket.destroy()
        else refuse(response, tooLate())
      }, milliseconds)
      const stop = (): void => clearTimeout(timer)
      patience.set(request, stop)
      request.once('end', stop).once('close', stop)
    }
    next()
  }
