import { type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Schema } from '../../store/schema.ts'
import { type Answer, ok } from './answer.ts'
import type { Call } from './call.ts'
import { ApiError, parameterError } from './errors.ts'
import { publicAddress } from './page-address.ts'

export type Direction = 'asc' | 'desc'

/** How a list may be walked by key, in place of page numbers, and in which order the request has it. */
export interface Keyset {
  /** GitLab's class name of what is listed. */
  readonly type: string
  readonly table: string
  /** What the request is ordered by; the query ends in the same order by `id`. */
  readonly by: string
  readonly direction: Direction
  /** Columns, by their own names, in whose order GitLab walks the list. */
  readonly orders: Readonly<Record<string, readonly Direction[]>>
  /** Far pages are refused by number, so that clients walk by key. */
  readonly bounded?: true
  /** The place of the next page is told by `id_after` or `id_before`, filters of the list, and by no cursor. */
  readonly byFilters?: true
}

/** Farthest row that a page number may reach where the list can be walked by key (GitLab's `offset_pagination_limit`). */
const farthest = 50_000

const notAllowed = (error: string): ApiError => new ApiError(405, { error }, { log: { 'meta.refusal_reason': 'pagination' } })

/** Throws 405 where a page number reaches too far. */
export const refuseFarOffset = ({ type, bounded }: Keyset, reach: number): void => {
  if (!bounded || reach <= farthest) return
  throw notAllowed(
    `Offset pagination has a maximum allowed offset of ${farthest} for requests that return objects of type ${type}. ` +
      'Remaining records can be retrieved using keyset pagination.',
  )
}

type Place = readonly [value: string | number, id: number]

const encode = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url')

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) &&
  value.length === 2 &&
  (typeof value[0] === 'string' || Number.isSafeInteger(value[0])) &&
  Number.isSafeInteger(value[1])

const decode = (cursor: string): Place => {
  const place = parsed(cursor)
  if (isPlace(place)) return place
  throw parameterError('cursor is invalid')
}

const beyond = ({ table, by, direction }: Keyset, [value, id]: Place) => {
  const sign = sql.raw(direction === 'asc' ? '>' : '<')
  const key = sql.ref(`${table}.id`)
  if (by === 'id') return sql<SqlBool>`${key} ${sign} ${id}`
  return sql<SqlBool>`(${sql.ref(`${table}.${by}`)}, ${key}) ${sign} (${value}, ${id})`
}

const placeOf = (row: object, { by }: Keyset): Place => {
  const { id, [by]: value } = row as { readonly id?: unknown; readonly [column: string]: unknown }
  const place: unknown = [value ?? id, id]
  if (isPlace(place)) return place
  throw new Error(`a row has no ${by} to go on from`)
}

const nextAddress = (call: Call, keyset: Keyset, size: number, place: Place): string => {
  if (!keyset.byFilters) return publicAddress(call, { cursor: encode(place), per_page: size })
  return publicAddress(call, { [keyset.direction === 'asc' ? 'id_after' : 'id_before']: place[1], per_page: size })
}

/**
 * One page from where the last one ended; nothing is counted and nothing skipped, so that every page costs the same.
 * Throws 405 where GitLab does not walk the list in that order.
 */
export const pageByKey = async <Tables extends keyof Schema, Row extends object>(
  call: Call,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  keyset: Keyset,
  { size, cursor }: { readonly size: number; readonly cursor: string | undefined },
  shape: (rows: Row[]) => Promise<unknown[]> | unknown[],
): Promise<Answer> => {
  if (!keyset.orders[keyset.by]?.includes(keyset.direction)) {
    throw notAllowed('Keyset pagination is not yet available for this type of request')
  }
  const from = cursor === undefined || keyset.byFilters ? query : query.where(beyond(keyset, decode(cursor)))
  const rows = await from.limit(size + 1).execute()
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  const body = await shape(shown)
  if (last === undefined || rows.length <= size) return ok(body)
  return ok(body, { Link: `<${nextAddress(call, keyset, size, placeOf(last, keyset))}>; rel="next"` })
}
