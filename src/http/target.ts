/** The longest request target that is looked at, in bytes. */
const longestTarget = 8_192

/** What a request line asks for, before percent-decoding. */
export interface Target {
  readonly path: string
  readonly query: string
}

/** A request that no door takes, with what to say and what to log. */
export interface Unusable {
  readonly status: number
  readonly text: string
  readonly reason: string
}

/** The query of an address: all that stands after its first question mark, since there may be more of them. */
export const afterMark = (address: string): string => address.slice(address.indexOf('?') + 1 || address.length)

/** A proxy's absolute form (`GET http://host/path`) counts as its path. */
export const localTarget = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '')

/** Splits the request target. */
export const readTarget = (url: string): Target | Unusable => {
  if (url.length > longestTarget) return { status: 414, text: 'The URL is too long.', reason: 'url_too_long' }
  const local = localTarget(url)
  const mark = local.indexOf('?')
  const path = mark < 0 ? local : local.slice(0, mark)
  if (!path.startsWith('/') || local.includes('#')) return malformedPath
  return { path, query: mark < 0 ? '' : local.slice(mark + 1) }
}

const malformedPath: Unusable = { status: 400, text: 'The path of the URL is not valid.', reason: 'path_malformed' }

const isPlain = (segment: string): boolean => {
  if (segment === '.' || segment === '..') return false
  return [...segment].every((character) => character >= ' ' && character !== '\x7f' && character !== '/' && character !== '\\')
}

const decode = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const isPlainText = (segment: string | undefined): segment is string => segment !== undefined && isPlain(segment)

/**
 * The decoded segments of a path. Whatever could mean another path than it seems is refused: `.` and `..`, an encoded
 * slash, backslashes, control characters, broken encodings. Decoded once, never twice.
 */
export const decodeSegments = (path: string): readonly string[] | Unusable => {
  const segments = path.slice(1).split('/').map(decode)
  return segments.every(isPlainText) ? segments : malformedPath
}

export const isUnusable = (value: object): value is Unusable => 'reason' in value

/** Headers that decide something and of which a request may therefore have one only. */
const single = [
  'authorization',
  'content-encoding',
  'content-type',
  'git-protocol',
  'host',
  'private-token',
  'deploy-token',
  'job-token',
]

/** Two headers of which a proxy might believe one and we the other. */
export const repeatedHeader = (headers: NodeJS.Dict<string[]>): Unusable | undefined => {
  const name = single.find((header) => (headers[header]?.length ?? 0) > 1)
  if (name === undefined) return undefined
  return { status: 400, text: `The header ${name} may be sent once only.`, reason: 'header_repeated' }
}
