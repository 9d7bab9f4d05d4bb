import type { ServerResponse } from 'node:http'

/** Nothing that a git door says may be kept by a proxy or client (git's `http-backend` sends the same three). */
export const noCache = {
  'Cache-Control': 'no-cache, max-age=0, must-revalidate',
  Pragma: 'no-cache',
  Expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
} as const

export type Headers = Readonly<Record<string, string>>

/** Git shows the body of an error to its user only when it is plain text. */
export const sendText = (response: ServerResponse, status: number, text: string, headers: Headers = {}): void => {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.statusCode = status
  const all = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...noCache, ...headers }
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
