/** A size of QR codes, with error correction of level L: of each block the words that mend it, and how many blocks there are. */
export interface Version {
  readonly number: number
  /** Modules on each side. */
  readonly size: number
  readonly blocks: number
  readonly correction: number
  /** Code words in all. */
  readonly words: number
}

/** ISO/IEC 18004, table 9, for versions 1 to 10. */
const blocks = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4]
const correction = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18]
const words = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]

const versions: readonly Version[] = words.map((count, index) => ({
  number: index + 1,
  size: 21 + 4 * index,
  blocks: blocks[index] ?? 0,
  correction: correction[index] ?? 0,
  words: count,
}))

export const dataWords = ({ words: all, blocks: count, correction: each }: Version): number => all - count * each

/** Bits of the length that stands before the bytes. */
export const lengthBits = ({ number }: Version): number => (number < 10 ? 8 : 16)

/** The smallest one that holds so many bytes; undefined where none of ours does. */
export const versionFor = (bytes: number): Version | undefined =>
  versions.find((version) => 4 + lengthBits(version) + 8 * bytes <= 8 * dataWords(version))

/** Where the small squares stand by which a reader finds the grid (annex E); `[]` for version 1. */
export const alignments = ({ number, size }: Version): readonly number[] => {
  if (number === 1) return []
  return number < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7]
}
