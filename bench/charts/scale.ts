/** Where a value lies on an axis, and which values are written beside it. */
export interface Scale {
  at(value: number): number
  readonly ticks: readonly number[]
}

/** The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is not below it. */
const roundStep = (least: number): number => {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 2.5, 5, 10].find((step) => step * power >= least * 0.999_999) ?? 10)
}

/** From nothing to a round number above the largest value. */
export const linearScale = (largest: number, from: number, to: number): Scale => {
  const step = roundStep(Math.max(largest, 1e-9) / 5)
  const steps = Math.max(1, Math.ceil(largest / step - 1e-6))
  const end = step * steps
  return {
    at: (value) => from + (value / end) * (to - from),
    ticks: Array.from({ length: steps + 1 }, (_, number) => step * number),
  }
}

/**
 * From a power of ten that is not above the least value to one that is not below the largest. Nothing at all lies at its
 * beginning: there is no place for it on such an axis.
 */
export const logarithmicScale = (values: readonly number[], from: number, to: number): Scale => {
  const something = values.filter((value) => value > 0)
  const [least, largest] = something.length === 0 ? [1, 1] : [Math.min(...something), Math.max(...something)]
  const first = Math.floor(Math.log10(least) + 1e-9)
  const last = Math.max(first + 1, Math.ceil(Math.log10(largest) - 1e-9))
  return {
    at: (value) => from + (Math.max(0, Math.log10(value) - first) / (last - first)) * (to - from),
    ticks: Array.from({ length: last - first + 1 }, (_, number) => 10 ** (first + number)),
  }
}

/** Moves labels apart that would lie on each other, so little as is needed; the order stays. */
export const spreadOut = (places: readonly number[], distance: number): number[] => {
  const order = places.map((place, index) => ({ place, index })).toSorted((one, other) => one.place - other.place)
  let lowest = Number.NEGATIVE_INFINITY
  const moved = order.map(({ place, index }) => {
    lowest = Math.max(place, lowest + distance)
    return { place: lowest, index }
  })
  return moved.toSorted((one, other) => one.index - other.index).map(({ place }) => place)
}
