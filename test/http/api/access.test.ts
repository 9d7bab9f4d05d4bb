import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../../src/http/api/app.ts'
import { credentialTables, type Row } from './access.table.ts'
import { applicationTables } from './access-applications.table.ts'
import { jobTokenTables } from './access-job-tokens.table.ts'
import { pipelineTables } from './access-pipelines.table.ts'
import { placeTables } from './access-places.table.ts'
import { runnerTables } from './access-runners.table.ts'
import { callers, Stage } from './access-stage.ts'

const tables = {
  ...credentialTables,
  ...applicationTables,
  ...placeTables,
  ...jobTokenTables,
  ...pipelineTables,
  ...runnerTables,
}

let stage: Stage

beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage?.close())

/** The row's cells in one place, by caller. */
const expected = ({ cells }: Row, place: 'private' | 'public'): string[] => {
  const words = cells.split('|').join(' ').trim().split(/\s+/)
  if (words.length !== callers.length) throw new Error(`${words.length} cells for ${callers.length} callers`)
  const choose = (cell: string): string => {
    const [hidden = '', open = hidden] = cell.split('/')
    return place === 'private' ? hidden : open
  }
  return words.map((cell, index) => `${callers[index]} ${choose(cell)}`)
}

const named = (rows: readonly Row[]) =>
  rows.map((row) => [`${row.ask}${row.json === undefined ? '' : ` ${JSON.stringify(row.json)}`}`, row] as const)

const answers = async (row: Row, place: 'private' | 'public'): Promise<string[]> => {
  const [method = '', path = ''] = row.ask.split(' ')
  const found: string[] = []
  for (const caller of callers) {
    const { status, wrote } = await stage.ask(stage.places[place], caller, { ...row, method, path })
    // A refusal changes nothing, and whatever is done is written.
    if (wrote !== (method !== 'GET' && status < 400) && !(row.effect === 'any' && status < 400))
      throw new Error(`${caller}: ${status}, and yet wrote is ${wrote}`)
    if (status >= 500)
      throw new Error(`${caller}: ${status} ${JSON.stringify(stage.world.lines.findLast((line) => 'err' in line))}`)
    found.push(`${caller} ${status}`)
  }
  return found
}

describe.each(Object.entries(tables))('%s', (_name, rows) => {
  test.each(named(rows))('%s', async (_title, row) => {
    // Where no cell tells the places apart, none is what is asked about.
    const places =
      row.cells.includes('/') || /:(?:project|group)\b/.test(row.ask) ? (['private', 'public'] as const) : (['private'] as const)
    for (const place of places) {
      expect([place, ...(await answers(row, place))]).toEqual([place, ...expected(row, place)])
    }
  })
})

/** What git itself must answer; who may ask it stands in `repository/rights.test.ts`. */
const elsewhere = /^GET \/projects\/:id\/repository\/(?:commits|tree|files|blobs|merge_base|compare)/

const fits = (ask: string, { method, path }: { readonly method: string; readonly path: string }): boolean => {
  const [asked, address = ''] = ask.split(' ')
  const [words, parts] = [(address.split('?')[0] ?? '').split('/'), path.split('/')]
  return (
    asked === method && words.length === parts.length && parts.every((part, at) => part.startsWith(':') || part === words[at])
  )
}

test('every route has its row', () => {
  const asks = Object.values(tables).flatMap((rows) => rows.map(({ ask }) => ask))
  const missing = routes.filter((route) => !asks.some((ask) => fits(ask, route))).map(({ method, path }) => `${method} ${path}`)
  expect(missing.filter((name) => !elsewhere.test(name))).toEqual([])
})
