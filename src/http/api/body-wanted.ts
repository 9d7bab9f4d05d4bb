import type { Request, Response } from 'express'

/**
 * Says that the body is wanted, to one who waits for that; HTTP/1.0 knows no such wait. Whoever waits and hears something
 * else loses the connection: Node sees to that, since nobody could tell a late body from the next request.
 */
export const askForBody = ({ headers, httpVersion }: Request, response: Response): void => {
  if (httpVersion === '1.1' && /(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect ?? '')) response.writeContinue()
}
