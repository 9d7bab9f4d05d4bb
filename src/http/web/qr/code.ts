import { dataPlaces, frameOf } from './grid.ts'
import { type Version, versionFor } from './version.ts'
import { drawnBits } from './words.ts'

/** The eight patterns of which one is laid over the data (ISO/IEC 18004, table 10). */
const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

export type Modules = readonly (readonly boolean[])[]

const drawn = (version: Version, bits: readonly number[], mask: number): Modules => {
  const grid = frameOf(version, mask)
  for (const [index, [x, y]] of dataPlaces(grid).entries()) {
    const row = grid[y]
    if (row !== undefined) row[x] = (bits[index] === 1) !== (masks[mask]?.(x, y) ?? false)
  }
  return grid.map((row) => row.map((module) => module === true))
}

const columnsOf = (modules: Modules): Modules => modules.map((_, x) => modules.map((row) => row[x] === true))

/** Long runs of one colour, and what looks like a finder, make a code hard to read. */
const lineCost = (line: readonly boolean[]): number => {
  const text = line.map((dark) => (dark ? '1' : '0')).join('')
  const runs = [...text.matchAll(/0{5,}|1{5,}/g)].reduce((cost, [run]) => cost + run.length - 2, 0)
  const finders = [...text.matchAll(/(?=00001011101|10111010000)/g)].length
  return runs + 40 * finders
}

const squares = (modules: Modules): number => {
  let count = 0
  for (const [y, row] of modules.entries()) {
    for (const [x, dark] of row.entries()) {
      const others = [row[x + 1], modules[y + 1]?.[x], modules[y + 1]?.[x + 1]]
      if (others.every((other) => other === dark)) count += 1
    }
  }
  return count
}

/** How hard a code is to read (7.8.3). */
const cost = (modules: Modules): number => {
  const lines = [...modules, ...columnsOf(modules)].reduce((sum, line) => sum + lineCost(line), 0)
  const dark = modules.flat().filter(Boolean).length / modules.length ** 2
  return lines + 3 * squares(modules) + 10 * Math.floor(Math.abs(dark * 20 - 10))
}

/** A text as a QR code, row by row; undefined where it is too long. */
export const qrCode = (text: string): Modules | undefined => {
  const bytes = Buffer.from(text, 'utf8')
  const version = versionFor(bytes.length)
  if (version === undefined) return undefined
  const bits = drawnBits(version, bytes)
  const candidates = masks.map((_, mask) => drawn(version, bits, mask)).map((modules) => ({ modules, cost: cost(modules) }))
  return candidates.reduce((best, next) => (next.cost < best.cost ? next : best)).modules
}
