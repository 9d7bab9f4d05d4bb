import type { Request, RequestHandler, Response } from 'express'

/** The client waits to be told that its body is wanted. HTTP/1.0 knows no such wait. */
const waits = ({ headers, httpVersion }: Request): boolean =>
  httpVersion === '1.1' && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? '')

/**
 * Whoever waits and is refused may send the body or leave it out, and nobody can tell it from the next request: the
 * connection ends with the answer.
 */
export const endAfterWaiting: RequestHandler = (request, response, next) => {
  if (waits(request)) response.setHeader('Connection', 'close')
  next()
}

/** Says that the body is wanted, to one who waits for that. */
export const askForBody = (request: Request, response: Response): void => {
  if (waits(request)) response.writeContinue()
}
