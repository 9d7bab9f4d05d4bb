import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Row, tables } from './access.table.ts'
import { callers, Stage } from './access-stage.ts'

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
    const { status, wrote, body } = await stage.ask(stage.places[place], caller, { ...row, method, path })
    // A refusal changes nothing, and whatever is done is written.
    if (wrote !== (method !== 'GET' && status < 400)) throw new Error(`${caller}: ${status}, and yet wrote is ${wrote}`)
    if (status >= 500) throw new Error(`${caller}: ${status} ${JSON.stringify(body)}`)
    found.push(`${caller} ${status}`)
  }
  return found
}

describe.each(Object.entries(tables))('%s', (_name, rows) => {
  test.each(named(rows))('%s', async (_title, row) => {
    for (const place of ['private', 'public'] as const) {
      expect([place, ...(await answers(row, place))]).toEqual([place, ...expected(row, place)])
    }
  })
})
