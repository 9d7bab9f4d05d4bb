import type { Goal } from './goal.ts'
import type { Figure, Unit } from './measure.ts'

const number = (value: number): string =>
  value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) < 1_000 ? 3 : 4 })

interface Scale {
  readonly divisor: number
  /** What follows the number. */
  readonly suffix: string
}

/** The scale in which such a value is easy to read. */
const scaleOf = (unit: Unit, value: number): Scale => {
  switch (unit) {
    case 'bytes':
      return value < 2 ** 20 ? { divisor: 2 ** 10, suffix: ' KB' } : { divisor: 2 ** 20, suffix: ' MB' }
    case 'requests/s':
      return { divisor: 1, suffix: '/s' }
    case 'times':
      return { divisor: 1, suffix: '' }
    case 'ms':
      return value < 1_000 ? { divisor: 1, suffix: ' ms' } : { divisor: 1_000, suffix: ' s' }
  }
}

export const valueText = (unit: Unit, value: number): string => {
  const { divisor, suffix } = scaleOf(unit, value)
  return `${number(value / divisor)}${suffix}`
}

/** The median, and in brackets the least and the most of all runs where they differ. */
export const figureText = (figure: Figure | undefined): string => {
  if (figure === undefined) return ''
  const { unit, median, values } = figure
  const { divisor } = scaleOf(unit, median)
  const ends = [Math.min(...values), Math.max(...values)].map((value) => number(value / divisor))
  const spread = values.length > 1 ? ` (${ends.join('–')})` : ''
  return `${valueText(unit, median)}${spread}`
}

export const ratioText = (ratio: number | undefined): string =>
  ratio === undefined ? '' : `${ratio.toLocaleString('en-US', { maximumSignificantDigits: 3 })}×`

export const goalText = (goal: Goal | undefined, unit: Unit): string => {
  if (goal === undefined) return ''
  if (goal.kind === 'most') return `≤ ${valueText(unit, goal.most)}`
  return `≥ ${goal.least.toLocaleString('en-US', { maximumSignificantDigits: 2 })}×`
}
