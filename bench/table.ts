import type { Curve, Series } from './curve.ts'
import { figureText, goalText, ratioText } from './figure-text.ts'
import { isMet, ratio } from './goal.ts'
import type { Row } from './measure.ts'

const line = (cells: readonly string[], widths: readonly number[]): string =>
  `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`

/** A Markdown table that is also readable on a terminal. */
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...rows].map((row) => line(row, widths)).join('\n')
}

const head = ['work', 'against', 'peer', 'sallyport', 'ratio', 'goal', 'met'] as const

const metText = (row: Row): string => {
  const met = isMet(row)
  return met === undefined ? '' : met ? 'yes' : '**no**'
}

export const table = (rows: readonly Row[]): string =>
  markdown(
    head,
    rows.map((row) => [
      row.work,
      row.against,
      figureText(row.peer),
      figureText(row.sallyport),
      ratioText(ratio(row)),
      goalText(row.goal, row.sallyport.unit),
      metText(row),
    ]),
  )

const at = ({ points }: Series, x: number): string => figureText(points.find((point) => point.x === x)?.figure)

/** One line for each place on the axis, one column for each series. */
export const curveTable = ({ across, series }: Curve): string => {
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].toSorted((one, other) => one - other)
  return markdown(
    [across, ...series.map(({ name }) => name)],
    places.map((x) => [x.toLocaleString('en-US'), ...series.map((one) => at(one, x))]),
  )
}
