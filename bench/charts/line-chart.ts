import type { Curve, Point, Series } from '../curve.ts'
import { valueText } from '../figure-text.ts'
import { linearScale, logarithmicScale, type Scale, spreadOut } from './scale.ts'
import { element, picture, rule, text } from './svg.ts'

const width = 860
const height = 400
/** The room for the lines; names stand to the right of them. */
const field = { left: 84, right: 620, top: 64, bottom: 336 } as const

interface Axes {
  readonly x: Scale
  readonly y: Scale
}

const pointsOf = ({ series }: Curve): Point[] => series.flatMap(({ points }) => [...points])

const axesOf = (curve: Curve): Axes => {
  const points = pointsOf(curve)
  const places = points.map(({ x }) => x)
  const values = points.flatMap(({ figure }) => [...figure.values])
  const { left, right, top, bottom } = field
  const x = logarithmicScale(places, left, right)
  const y = curve.logarithmic ? logarithmicScale(values, bottom, top) : linearScale(Math.max(...values), bottom, top)
  return { x, y }
}

const grid = ({ x, y }: Axes, { unit, across, up }: Curve): string[] => {
  const { left, right, top, bottom } = field
  return [
    ...y.ticks.flatMap((tick) => [
      rule(left, y.at(tick), right, y.at(tick), 'grid'),
      text(left - 8, y.at(tick) + 4, valueText(unit, tick), { 'text-anchor': 'end' }),
    ]),
    ...x.ticks.flatMap((tick) => [
      rule(x.at(tick), top, x.at(tick), bottom, 'grid'),
      text(x.at(tick), bottom + 20, tick.toLocaleString('en-US'), { 'text-anchor': 'middle' }),
    ]),
    rule(left, bottom, right, bottom, 'axis'),
    rule(left, top, left, bottom, 'axis'),
    text((left + right) / 2, bottom + 44, across, { 'text-anchor': 'middle', class: 'faint' }),
    text(16, 48, up, { class: 'faint' }),
  ]
}

/** The median of the runs, and a stroke from the least to the most. */
const mark = ({ x, y }: Axes, { of }: Series, point: Point): string[] => {
  const [across, { values, median }] = [x.at(point.x), point.figure]
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return [
    rule(across, y.at(least), across, y.at(most), `spread ${of}`),
    element('circle', { cx: across, cy: y.at(median), r: 3.5, class: `mark ${of}` }),
  ]
}

const path = ({ x, y }: Axes, points: readonly Point[]): string =>
  points.map((point) => `${x.at(point.x).toFixed(1)},${y.at(point.figure.median).toFixed(1)}`).join(' ')

/** The second line of the same server is dashed: colour alone would not tell them apart. */
const dashOf = ({ series }: Curve, one: Series): string => (series.find(({ of }) => of === one.of) === one ? '' : ' second')

const drawn = (axes: Axes, curve: Curve): string[] =>
  curve.series.flatMap((one) => [
    element('polyline', { points: path(axes, one.points), class: `line ${one.of}${dashOf(curve, one)}` }),
    ...one.points.flatMap((point) => mark(axes, one, point)),
  ])

/** Each line's name and last value stand at its end. */
const names = ({ y }: Axes, { series, unit }: Curve): string[] => {
  const last = series.map(({ points }) => points.at(-1)?.figure.median ?? 0)
  const places = spreadOut(
    last.map((value) => y.at(value)),
    16,
  )
  return series.map((one, index) =>
    text(field.right + 12, (places[index] ?? 0) + 4, `${one.name}: ${valueText(unit, last[index] ?? 0)}`, { class: one.of }),
  )
}

const description = ({ title, across, series, unit }: Curve): string => {
  const told = series.map(({ name, points }) => {
    const values = points.map(({ x, figure }) => `${valueText(unit, figure.median)} at ${x.toLocaleString('en-US')}`)
    return `${name}: ${values.join(', ')}.`
  })
  return `${title}, by ${across}. ${told.join(' ')}`
}

/** How a cost grows, as a picture. */
export const lineChart = (curve: Curve): string => {
  const axes = axesOf(curve)
  return picture({ width, height, title: curve.title, description: description(curve) }, [
    ...grid(axes, curve),
    ...drawn(axes, curve),
    ...names(axes, curve),
  ])
}
