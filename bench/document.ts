import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lineChart } from './charts/line-chart.ts'
import { ratioChart, ratioTitle } from './charts/ratio-chart.ts'
import type { Curve } from './curve.ts'
import type { Row } from './measure.ts'
import { curveTable, table } from './table.ts'

const documents = join(import.meta.dirname, '../docs')

/** Puts a text in the place of the last one of that name. Throws where the page has lost the two lines around it. */
export const putInto = (page: string, name: string, content: string): string => {
  const begin = `<!-- ${name}: written by npm run bench -- --write -->`
  const end = `<!-- end of ${name} -->`
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page has lost the two lines between which its ${name} stand`)
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`
}

export interface Findings {
  /** What was measured on. */
  readonly where: string
  readonly rows: readonly Row[]
  readonly curves: readonly Curve[]
}

const ratios = `![${ratioTitle}](performance/ratios.svg)`

const pictureOf = ({ name, title }: Curve): string => `![${title}](performance/${name}.svg)`

/** Puts the figures and pictures of this run in the place of the last ones. */
export const writeDocument = async ({ where, rows, curves }: Findings): Promise<void> => {
  const pictures = join(documents, 'performance')
  await mkdir(pictures, { recursive: true })
  await writeFile(join(pictures, 'ratios.svg'), ratioChart(rows))
  for (const curve of curves) await writeFile(join(pictures, `${curve.name}.svg`), lineChart(curve))
  const file = join(documents, 'performance.md')
  const growth = curves.map((curve) => `### ${curve.title}\n\n${pictureOf(curve)}\n\n${curveTable(curve)}`)
  const page = putInto(await readFile(file, 'utf8'), 'figures', `${where}\n\n${ratios}\n\n${table(rows)}`)
  await writeFile(file, putInto(page, 'curves', growth.join('\n\n')))
}
