import type { LiveToken } from './live-token.ts'

/** Where a token stands. */
export interface Place {
  readonly object: string
  readonly type: 'blob' | 'commit' | 'tree' | 'tag'
  /** From 1. */
  readonly line: number
}

/** A token that works, and a place where it stands. */
export interface Finding {
  readonly token: LiveToken
  readonly place: Place
}

/** Places that are told; of more, their number. */
const mostTold = 20

const shortId = 12

const spot = ({ object, type, line }: Place, path: string | undefined): string => {
  const named =
    type === 'blob' && path !== undefined && path !== '' ? path : `${type === 'blob' ? 'file' : type} ${object.slice(0, shortId)}`
  return `${named}:${line}`
}

/** One line for each place; an older state of a file is not told twice. */
export const tellFindings = (findings: readonly Finding[], paths: ReadonlyMap<string, string>, revoked: boolean): string => {
  const spots = new Set(findings.map(({ token, place }) => `  ${spot(place, paths.get(place.object))} (${token.kind})`))
  const told = [...spots].slice(0, mostTold)
  const rest = spots.size - told.length
  return [
    'The push holds tokens of this server that still work:',
    ...told,
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
    revoked
      ? 'They were revoked. Take them out of the commits and push again.'
      : 'Revoke them, or take them out of the commits and push again.',
  ].join('\n')
}
