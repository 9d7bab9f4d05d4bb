import { ratioText } from '../figure-text.ts'
import { ratio } from '../goal.ts'
import type { Row } from '../measure.ts'
import { logarithmicScale, type Scale } from './scale.ts'
import { element, picture, rule, text } from './svg.ts'

export const ratioTitle = 'How many times better than its peer'

const width = 980
const field = { left: 470, right: 900, top: 84 } as const
const pitch = 26

interface Bar {
  readonly work: string
  readonly ratio: number
  /** What is to be reached, where that is a ratio. */
  readonly goal: number | undefined
}

const barsOf = (rows: readonly Row[]): Bar[] =>
  rows.flatMap((row) => {
    const value = ratio(row)
    if (value === undefined) return []
    return [{ work: row.work.replaceAll('`', ''), ratio: value, goal: row.goal?.kind === 'ratio' ? row.goal.least : undefined }]
  })

const longest = 68

const shortened = (work: string): string => (work.length > longest ? `${work.slice(0, longest - 1)}…` : work)

/** From 1× to the right where Sallyport is better, to the left where the peer is. */
const drawn = (scale: Scale, { work, ratio: value, goal }: Bar, index: number): string[] => {
  const middle = field.top + pitch * (index + 0.5)
  const [one, end] = [scale.at(1), scale.at(value)]
  const box = { x: Math.min(one, end), y: middle - 8, width: Math.max(1, Math.abs(end - one)), height: 16 }
  return [
    text(field.left - 12, middle + 4, shortened(work), { 'text-anchor': 'end' }),
    element('rect', { ...box, class: value >= 1 ? 'bar sallyport' : 'bar peer' }),
    ...(goal === undefined ? [] : [rule(scale.at(goal), middle - 11, scale.at(goal), middle + 11, 'goal')]),
    text(Math.max(one, end) + 6, middle + 4, ratioText(value)),
  ]
}

const axis = (scale: Scale, bottom: number): string[] =>
  scale.ticks.flatMap((tick) => [
    rule(scale.at(tick), field.top, scale.at(tick), bottom, tick === 1 ? 'axis' : 'grid'),
    text(scale.at(tick), field.top - 8, `${tick}×`, { 'text-anchor': 'middle' }),
  ])

/** How many times better than its peer Sallyport is at each work, with the goals. */
export const ratioChart = (rows: readonly Row[]): string => {
  const bars = barsOf(rows)
  const values = bars.flatMap(({ ratio: value, goal }) => (goal === undefined ? [value] : [value, goal]))
  const scale = logarithmicScale([1, ...values], field.left, field.right)
  const bottom = field.top + pitch * bars.length
  const legend = 'logarithmic; to the right of 1× Sallyport is better, to the left the peer; the upright stroke is the goal'
  const told = bars.map(({ work, ratio: value }) => `${work}: ${ratioText(value)}`)
  return picture({ width, height: bottom + 20, title: ratioTitle, description: `${ratioTitle}: ${told.join('; ')}.` }, [
    text(16, 48, legend, { class: 'faint' }),
    ...axis(scale, bottom),
    ...bars.flatMap((bar, index) => drawn(scale, bar, index)),
  ])
}
