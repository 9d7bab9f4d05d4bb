import type { Modules } from '../../../../src/http/web/qr/code.ts'

/** A reader of its own making, after ISO/IEC 18004, for codes that are whole: level L, bytes. */
const maskAt: Readonly<Record<string, (row: number, column: number) => boolean>> = {
  '000': (i, j) => (i + j) % 2 === 0,
  '001': (i) => i % 2 === 0,
  '010': (_, j) => j % 3 === 0,
  '011': (i, j) => (i + j) % 3 === 0,
  '100': (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  '101': (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  '110': (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  '111': (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
}

const centres: Readonly<Record<number, readonly number[]>> = {
  21: [],
  25: [6, 18],
  29: [6, 22],
  33: [6, 26],
  37: [6, 30],
  41: [6, 34],
  45: [6, 22, 38],
  49: [6, 24, 42],
  53: [6, 26, 46],
  57: [6, 28, 50],
}

const layout: Readonly<Record<number, readonly [blocks: number, correction: number]>> = {
  21: [1, 7],
  25: [1, 10],
  29: [1, 15],
  33: [1, 20],
  37: [1, 26],
  41: [2, 18],
  45: [2, 20],
  49: [2, 24],
  53: [2, 30],
  57: [4, 18],
}

/** The field by powers of 2, to evaluate a block at the roots of its generator. */
const powers = [1]
for (let at = 1; at < 255; at += 1) {
  const next = (powers[at - 1] ?? 0) * 2
  powers.push(next > 255 ? next ^ 0x11d : next)
}
const product = (one: number, other: number): number =>
  one === 0 || other === 0 ? 0 : (powers[(powers.indexOf(one) + powers.indexOf(other)) % 255] ?? 0)

const isWhole = (block: readonly number[], correction: number): boolean =>
  Array.from({ length: correction }, (_, root) => block.reduce((sum, word) => product(sum, powers[root] ?? 0) ^ word, 0)).every(
    (syndrome) => syndrome === 0,
  )

const isFunction = (size: number, row: number, column: number): boolean => {
  const inCorner = (row < 9 && column < 9) || (row < 9 && column >= size - 8) || (row >= size - 8 && column < 9)
  if (inCorner || row === 6 || column === 6) return true
  if (size >= 45 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true
  const middles = centres[size] ?? []
  const last = middles.at(-1)
  return middles.some((y) =>
    middles.some((x) => {
      const atFinder = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6)
      return !atFinder && Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2
    }),
  )
}

/** Pairs of columns from the right; the one of the timing pattern belongs to none. */
const pairs = (size: number): number[] =>
  Array.from({ length: (size - 1) / 2 }, (_, at) => size - 1 - 2 * at).map((right) => (right <= 6 ? right - 1 : right))

const placesIn = (size: number): [row: number, column: number][] =>
  pairs(size)
    .flatMap((right, turn) =>
      Array.from({ length: size }, (_, step) => (turn % 2 === 0 ? size - 1 - step : step)).flatMap((row): [number, number][] => [
        [row, right],
        [row, right - 1],
      ]),
    )
    .filter(([row, column]) => !isFunction(size, row, column))

const wordsIn = (modules: Modules, mask: string): number[] => {
  const isTurned = maskAt[mask] ?? (() => false)
  const bits = placesIn(modules.length).map(([row, column]) => (modules[row]?.[column] !== isTurned(row, column) ? '1' : '0'))
  return (bits.join('').match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 2))
}

/** Takes the words apart into their blocks, each with its correction behind it. */
const blocksIn = (words: readonly number[], count: number, correction: number): number[][] => {
  const data = words.length - count * correction
  const lengths = Array.from({ length: count }, (_, at) => Math.floor(data / count) + (at >= count - (data % count) ? 1 : 0))
  const blocks: number[][] = lengths.map(() => [])
  let at = 0
  for (let round = 0; round < Math.max(...lengths); round += 1) {
    for (const [index, length] of lengths.entries()) if (round < length) blocks[index]?.push(words[at++] ?? 0)
  }
  for (let round = 0; round < correction; round += 1) for (const block of blocks) block.push(words[at++] ?? 0)
  return blocks
}

/** The text of a code. Throws for one that a camera would have to mend. */
export const readCode = (modules: Modules): string => {
  const size = modules.length
  const [count, correction] = layout[size] ?? [0, 0]
  const bit = (row: number, column: number): string => (modules[row]?.[column] === true ? '1' : '0')
  const near = [bit(8, 0), bit(8, 1), bit(8, 2), bit(8, 3), bit(8, 4)].join('')
  const far = [size - 1, size - 2, size - 3, size - 4, size - 5].map((row) => bit(row, 8)).join('')
  if (near !== far) throw new Error('the two format words differ')
  const format = (Number.parseInt(near, 2) ^ 0b10101).toString(2).padStart(5, '0')
  if (!format.startsWith('01')) throw new Error('not of level L')
  const blocks = blocksIn(wordsIn(modules, format.slice(2)), count, correction)
  if (!blocks.every((block) => isWhole(block, correction))) throw new Error('a block is broken')
  const bits = blocks
    .flatMap((block) => block.slice(0, -correction))
    .map((word) => word.toString(2).padStart(8, '0'))
    .join('')
  const lengthBits = size < 57 ? 8 : 16
  if (!bits.startsWith('0100')) throw new Error('not bytes')
  const length = Number.parseInt(bits.slice(4, 4 + lengthBits), 2)
  const bytes = Array.from({ length }, (_, at) =>
    Number.parseInt(bits.slice(4 + lengthBits + 8 * at, 12 + lengthBits + 8 * at), 2),
  )
  return Buffer.from(bytes).toString('utf8')
}
