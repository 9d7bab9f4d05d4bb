import { alignments, type Version } from './version.ts'

/** Dark modules are true; undefined is where data goes. Rows from the top. */
type Module = boolean | undefined
export type Grid = Module[][]

const set = (grid: Grid, x: number, y: number, dark: boolean): void => {
  const row = grid[y]
  if (row !== undefined && x >= 0 && x < row.length) row[x] = dark
}

/** A square of rings around a middle; beyond `radius` there is nothing. */
const drawRings = (grid: Grid, x: number, y: number, radius: number, isDark: (ring: number) => boolean): void => {
  for (let dy = -radius; dy <= radius; dy += 1) {
    for (let dx = -radius; dx <= radius; dx += 1) set(grid, x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
  }
}

const drawFinders = (grid: Grid, size: number): void => {
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    drawRings(grid, x, y, 4, (ring) => ring !== 2 && ring !== 4)
}

const drawTiming = (grid: Grid, size: number): void => {
  for (let at = 8; at < size - 8; at += 1) {
    set(grid, 6, at, at % 2 === 0)
    set(grid, at, 6, at % 2 === 0)
  }
}

const drawAlignments = (grid: Grid, version: Version): void => {
  const places = alignments(version)
  const [first, last] = [places[0], places.at(-1)]
  for (const x of places) {
    for (const y of places) {
      const inFinder = (x === first && (y === first || y === last)) || (x === last && y === first)
      if (!inFinder) drawRings(grid, x, y, 2, (ring) => ring !== 1)
    }
  }
}

/** BCH: what is left of a word, shifted up, after division by a polynomial of that degree. */
const remainderOf = (word: number, polynomial: number, degree: number): number => {
  let left = word
  for (let step = 0; step < degree; step += 1) left = (left << 1) ^ ((left >>> (degree - 1)) * polynomial)
  return left
}

/** Level L and the mask, twice, beside the finders. */
const drawFormat = (grid: Grid, size: number, mask: number): void => {
  const word = (1 << 3) | mask
  const bits = ((word << 10) | remainderOf(word, 0x537, 10)) ^ 0x5412
  const bit = (at: number): boolean => ((bits >>> at) & 1) === 1
  for (let at = 0; at < 6; at += 1) set(grid, 8, at, bit(at))
  set(grid, 8, 7, bit(6))
  set(grid, 8, 8, bit(7))
  set(grid, 7, 8, bit(8))
  for (let at = 9; at < 15; at += 1) set(grid, 14 - at, 8, bit(at))
  for (let at = 0; at < 8; at += 1) set(grid, size - 1 - at, 8, bit(at))
  for (let at = 8; at < 15; at += 1) set(grid, 8, size - 15 + at, bit(at))
  set(grid, 8, size - 8, true)
}

/** From version 7 on, the version itself, twice. */
const drawVersion = (grid: Grid, { number, size }: Version): void => {
  if (number < 7) return
  const bits = (number << 12) | remainderOf(number, 0x1f25, 12)
  for (let at = 0; at < 18; at += 1) {
    const dark = ((bits >>> at) & 1) === 1
    const [near, far] = [Math.floor(at / 3), size - 11 + (at % 3)]
    set(grid, far, near, dark)
    set(grid, near, far, dark)
  }
}

/** All that is not data. */
export const frameOf = (version: Version, mask: number): Grid => {
  const { size } = version
  const grid: Grid = Array.from({ length: size }, () => Array.from({ length: size }, () => undefined))
  drawTiming(grid, size)
  drawFinders(grid, size)
  drawAlignments(grid, version)
  drawFormat(grid, size, mask)
  drawVersion(grid, version)
  return grid
}

/** The places of data in the order of its bits: pairs of columns from the right, up and down in turn. */
export const dataPlaces = (grid: Grid): (readonly [x: number, y: number])[] => {
  const size = grid.length
  const places: [number, number][] = []
  for (let right = size - 1; right >= 1; right -= 2) {
    const column = right <= 6 ? right - 1 : right
    for (let step = 0; step < size; step += 1) {
      const isUpward = ((column + 1) & 2) === 0
      const y = isUpward ? size - 1 - step : step
      for (const x of [column, column - 1]) if (grid[y]?.[x] === undefined) places.push([x, y])
    }
  }
  return places
}
