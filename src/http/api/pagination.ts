import { type SelectQueryBuilder, sql } from 'kysely'
import type { Schema } from '../../store/schema.ts'
import { type Answer, ok } from './answer.ts'
import type { Call } from './call.ts'
import { pageInput } from './page-input.ts'
import { baseUrl } from './urls.ts'

/** GitLab's bounds: 20 rows unless asked, 100 at most; totals are left out beyond 10,000 rows. */
const usual = 20
const most = 100
const mostCounted = 10_000

export interface Page {
  readonly number: number
  readonly size: number
}

export const pageOf = (call: Call): Page => {
  const { page = 1, per_page = usual } = call.read(pageInput)
  return { number: Math.min(Math.max(page, 1), 2 ** 31), size: Math.min(Math.max(per_page, 1), most) }
}

/** Never repeated in a link: credentials that came as parameters. */
export const secretParameters = ['private_token', 'access_token', 'bearer_token', 'job_token', 'token', 'sudo']

/** The address of this very request as others may see it, with some words of the query changed. */
export const publicAddress = (call: Call, changed: Readonly<Record<string, number>>): string => {
  const [path = '', query = ''] = call.url.split('?', 2)
  const words = new URLSearchParams(query)
  for (const name of secretParameters) words.delete(name)
  for (const [name, value] of Object.entries(changed)) words.set(name, String(value))
  const shown = words.toString()
  return `${baseUrl(call.parts.settings)}${path}${shown === '' ? '' : `?${shown}`}`
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

/** Reads one page of an ordered query, shapes its rows together (so that what they need is one more query), and counts. */
export const paginate = async <Tables extends keyof Schema, Row>(
  call: Call,
  query: SelectQueryBuilder<Schema, Tables, Row>,
  shape: (rows: Row[]) => Promise<unknown[]> | unknown[],
): Promise<Answer> => {
  const page = pageOf(call)
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
