import type { IncomingMessage } from 'node:http'
import type { Unusable } from './target.ts'

/** Name or address, and a port (RFC 3986, 3.2.2); a comma would be a list to some, and names of users have no place here. */
const hostShape = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+;=%-]*)(?::\d{0,5})?$/i

const malformed = (text: string, reason: string): Unusable => ({ status: 400, text, reason })

const versions = new Set(['1.0', '1.1'])

/** Node reads other words before `chunked` and a version of 1.0 as well, of which a proxy may think otherwise. */
const isPlainlyChunked = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined ||
  (httpVersion === '1.1' && headers['transfer-encoding'].toLowerCase() === 'chunked')

/** The host that a target in absolute form names; undefined where it is no such form. */
const hostOfTarget = (url: string): string | undefined => /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]

const hostProblem = ({ headers, httpVersion, url = '' }: IncomingMessage): Unusable | undefined => {
  const { host } = headers
  if (host === undefined && httpVersion === '1.1') return malformed('The header host is missing.', 'host_missing')
  if (host !== undefined && !hostShape.test(host)) return malformed('The header host is not valid.', 'host_malformed')
  const named = hostOfTarget(url)
  if (named === undefined || named.toLowerCase() === host?.toLowerCase()) return undefined
  return malformed('The URL names another host than the header.', 'host_contradicted')
}

/**
 * What a proxy in front could read otherwise than we do, so that one request becomes two, or one for another host. Most
 * of it is refused by Node's parser before it becomes a request; this is what it leaves (RFC 9112, 2.3, 3.2 and 6.1).
 */
export const framingProblem = (request: IncomingMessage): Unusable | undefined => {
  if (!versions.has(request.httpVersion)) return malformed('The version of HTTP must be 1.0 or 1.1.', 'http_version_unknown')
  if (!isPlainlyChunked(request)) return malformed('The Transfer-Encoding must be chunked.', 'transfer_encoding_unknown')
  return hostProblem(request)
}
