import type { LiveToken } from './live-token.ts'

/** Where a token stands. */
export interface Place {
  readonly object: string
  readonly type: 'blob' | 'commit' | 'tree' | 'tag'
  /** From 1. */
  readonly line: number
}

/** What is wrong at a place: a token that works; or, without one, more that looks like tokens than is looked up. */
export interface Finding {
  readonly token: LiveToken | undefined
  readonly place: Place
}

/** The tokens among what was found, each once. */
export const tokensOf = (findings: readonly Finding[]): readonly LiveToken[] => {
  const tokens = findings.flatMap(({ token }) => token ?? [])
  return [...new Map(tokens.map((token) => [token.digest, token])).values()]
}

/** Places that are told; of more, their number. */
const mostTold = 20

const shortId = 12

/** What is no object yet has no name either. */
const spot = ({ object, type, line }: Place, path = ''): string => {
  if (object === '') return `line ${line}`
  if (type === 'blob' && path !== '') return `${path}:${line}`
  return `${type === 'blob' ? 'file' : type} ${object.slice(0, shortId)}:${line}`
}

const head = (findings: readonly Finding[]): string =>
  findings.some(({ token }) => token !== undefined)
    ? 'Tokens of this server that still work must not get into a repository:'
    : 'There are more texts that look like tokens of this server than can be checked:'

const advice = (findings: readonly Finding[], revoked: boolean): string => {
  if (findings.every(({ token }) => token === undefined)) return 'Take them out, and try again.'
  return revoked ? 'They were revoked. Take them out, and try again.' : 'Revoke them, or take them out, and try again.'
}

/** One line for each place; an older state of a file is not told twice. */
export const tellFindings = (findings: readonly Finding[], paths: ReadonlyMap<string, string>, revoked: boolean): string => {
  const wrong = (token: LiveToken | undefined): string => token?.kind ?? 'too many'
  const spots = new Set(findings.map(({ token, place }) => `  ${spot(place, paths.get(place.object))} (${wrong(token)})`))
  const told = [...spots].slice(0, mostTold)
  const rest = spots.size - told.length
  return [head(findings), ...told, ...(rest === 0 ? [] : [`  and ${rest} more`]), advice(findings, revoked)].join('\n')
}
