import type { Figure, Row } from './measure.ts'

const number = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: value < 1_000 ? 3 : 4 })

const show = (figure: Figure | undefined): string => {
  if (figure === undefined) return ''
  const { unit, median } = figure
  if (unit === 'bytes') return `${number(median / 2 ** 20)} MB`
  if (unit === 'requests/s') return `${number(median)}/s`
  return median < 1_000 ? `${number(median)} ms` : `${number(median / 1_000)} s`
}

/** How many times better than the peer: faster, more, or with less memory; undefined without a peer. */
export const ratio = ({ peer, sallyport }: Row): number | undefined => {
  if (peer === undefined) return undefined
  return sallyport.unit === 'requests/s' ? sallyport.median / peer.median : peer.median / sallyport.median
}

const showRatio = (row: Row): string => {
  const value = ratio(row)
  return value === undefined ? '' : `${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })}×`
}

const head = ['work', 'against', 'peer', 'sallyport', 'ratio', 'goal'] as const

const line = (cells: readonly string[], widths: readonly number[]): string =>
  `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`

/** The rows as a Markdown table that is also readable on a terminal. */
export const table = (rows: readonly Row[]): string => {
  const cells = rows.map((row) => [row.work, row.against, show(row.peer), show(row.sallyport), showRatio(row), row.goal])
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const rule = widths.map((width) => '-'.repeat(width))
  return [head, rule, ...cells].map((row) => line(row, widths)).join('\n')
}
