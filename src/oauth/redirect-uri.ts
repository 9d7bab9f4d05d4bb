const longest = 2048

/** Schemes that a browser runs, or reads from its own machine, instead of going there. */
const forbiddenSchemes = new Set(['javascript:', 'data:', 'vbscript:', 'file:', 'about:', 'blob:', 'view-source:'])

/** What a URI may hold at all (RFC 3986); no fragment. Backslashes, blanks and what is not ASCII are read in many ways. */
const uriShape = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?[\]@!$&'()*+,;=%-]+$/

const isWeb = (protocol: string): boolean => protocol === 'http:' || protocol === 'https:'

/**
 * Why a text cannot be an address to send users back to; undefined where it can (RFC 6749, 3.1.2; gitlab
 * `RedirectUriValidator` of doorkeeper).
 */
export const redirectUriProblem = (text: string): string | undefined => {
  if (text.includes('#')) return 'cannot contain a fragment.'
  if (text.length > longest || !uriShape.test(text) || !URL.canParse(text)) return 'must be an absolute URI.'
  const { protocol, username, password, hostname } = new URL(text)
  if (forbiddenSchemes.has(protocol)) return 'is forbidden by the server.'
  if (isWeb(protocol) && (hostname === '' || username !== '' || password !== '')) return 'must be an absolute URI.'
  return undefined
}

/** A port that the program picked as it started cannot be known beforehand (RFC 8252, 7.3). `localhost` is a name, not this. */
const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([1-9][0-9]{0,4}))?(\/[^#]*)?$/

const withoutPort = (uri: string): string | undefined => {
  const [, host, port, rest = '/'] = loopback.exec(uri) ?? []
  return host === undefined || Number(port ?? 80) > 65_535 ? undefined : `${host}${rest}`
}

/** Compared as text: nothing is decoded, folded or resolved, but that loopback has any port. */
const matches = (asked: string, registered: string): boolean => {
  if (asked === registered) return true
  const bare = withoutPort(asked)
  return bare !== undefined && redirectUriProblem(asked) === undefined && bare === withoutPort(registered)
}

/** Whether an application may have its users sent to an address. */
export const isRegistered = (asked: string, registered: readonly string[]): boolean =>
  registered.some((uri) => matches(asked, uri))
