import type { Request, RequestHandler, Response } from 'express'
import { isPresentedGood } from './authentication.ts'
import { hasBody, largestBody, queryOf, readBody } from './body.ts'
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

/**
 * Says that the body is wanted, to one who waits for that; HTTP/1.0 knows no such wait. Whoever waits and hears something
 * else loses the connection: Node sees to that, since nobody could tell a late body from the next request.
 */
const askForBody = ({ headers, httpVersion }: Request, response: Response): void => {
  if (httpVersion === '1.1' && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? '')) response.writeContinue()
}

/**
 * Asks by header and query who calls before a byte of the body is read. Where these show nothing, and the route wants a
 * login, only a small form or JSON body is read, for the token that may stand in it. Throws 401, 403 and 413.
 */
export const admit =
  (parts: ApiParts, route: Route): RequestHandler =>
  async (request, response, next) => {
    if (!hasBody(request)) {
      next()
      return
    }
    const length = Number(request.headers['content-length'] ?? 0)
    const shown = { method: request.method, headers: request.headers, parameters: queryOf(request), address: addressIn(response) }
    const known = await countingRefusals(parts, shown.address, () => isPresentedGood(shown, route, parts))
    if (!known && route.open !== true && !mayHoldToken(request, length)) throw unauthorized()
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
      request.once('end', stop).once('close', stop)
    }
    next()
  }
