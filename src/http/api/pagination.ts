import { type SelectQueryBuilder, sql } from 'kysely'
import type { Schema } from '../../store/schema.ts'
import { type Answer, ok } from './answer.ts'
import type { Call } from './call.ts'
import { type Keyset, pageByKey, refuseFarOffset } from './keyset.ts'
import { publicAddress } from './page-address.ts'
import { pageInput } from './page-input.ts'

/** GitLab's bounds: 20 rows unless asked, 100 at most; totals are left out beyond 10,000 rows. */
const usual = 20
const most = 100
const mostCounted = 10_000

export interface Page {
  readonly number: number
  readonly size: number
}

/** A negative number counts as none, as in GitLab. */
const sizeOf = (asked: number): number => (asked < 0 ? usual : Math.min(Math.max(asked, 1), most))

export const pageOf = (call: Call): Page => {
  const { page = 1, per_page = usual } = call.read(pageInput)
  return { number: Math.min(Math.max(page, 1), 2 ** 31), size: sizeOf(per_page) }
}

const link = (call: Call, page: Page, number: number, rel: string): string =>
  `<${publicAddress(call, { page: number, per_page: page.size })}>; rel="${rel}"`

const linksOf = (call: Call, page: Page, hasNext: boolean, pages: number | undefined): string =>
  [
    page.number > 1 && link(call, page, page.number - 1, 'prev'),
    hasNext && link(call, page, page.number + 1, 'next'),
    link(call, page, 1, 'first'),
    pages !== undefined && link(call, page, pages, 'last'),
  ]
    .filter((entry) => entry !== false)
    .join(', ')

/** The headers of one page. `total` is undefined where there are too many rows to count. */
export const pageHeaders = (call: Call, page: Page, hasNext: boolean, total: number | undefined): Record<string, string> => {
  const pages = total === undefined ? undefined : Math.max(Math.ceil(total / page.size), 1)
  return {
    'X-Page': String(page.number),
    'X-Per-Page': String(page.size),
    'X-Next-Page': hasNext ? String(page.number + 1) : '',
    'X-Prev-Page': page.number > 1 ? String(page.number - 1) : '',
    ...(total !== undefined && { 'X-Total': String(total), 'X-Total-Pages': String(pages) }),
    Link: linksOf(call, page, hasNext, pages),
  }
}

/**
 * Reads one page of an ordered query, shapes its rows together (so that what they need is one more query), and counts.
 * With `pagination=keyset`, where the list can be walked so, it does not count, and goes on from the last page's end.
 */
export const paginate = async <Tables extends keyof Schema, Row extends object>(
  call: Call,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  shape: (rows: Row[]) => Promise<unknown[]> | unknown[],
  keyset?: Keyset,
): Promise<Answer> => {
  const page = pageOf(call)
  const { pagination, cursor } = call.read(pageInput)
  if (keyset !== undefined) {
    if (pagination === 'keyset') return pageByKey(call, query, keyset, { size: page.size, cursor }, shape)
    refuseFarOffset(keyset, page.number * page.size)
  }
  const rows = await query
    .limit(page.size + 1)
    .offset((page.number - 1) * page.size)
    .execute()
  const counted = query
    .clearSelect()
    .clearOrderBy()
    .select(sql<number>`1`.as('one'))
    .limit(mostCounted + 1)
  const { total } = await call.parts.store.read
    .selectFrom(counted.as('counted'))
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  const body = await shape(rows.slice(0, page.size))
  return ok(body, pageHeaders(call, page, rows.length > page.size, total > mostCounted ? undefined : total))
}

/** The same for rows that are already all here; only for what is few by nature. */
export const paginateRows = <Row>(call: Call, rows: readonly Row[], shape: (row: Row) => unknown): Answer => {
  const page = pageOf(call)
  const start = (page.number - 1) * page.size
  const body = rows.slice(start, start + page.size).map(shape)
  return ok(body, pageHeaders(call, page, rows.length > start + page.size, rows.length))
}
