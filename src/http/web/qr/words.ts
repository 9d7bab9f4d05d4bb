import { correctionOf } from './correction.ts'
import { dataWords, lengthBits, type Version } from './version.ts'

const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => (value >>> (count - 1 - at)) & 1)

/** Mode "bytes", the length, the bytes, an end, and filling. */
const dataOf = (version: Version, bytes: Uint8Array): number[] => {
  const capacity = dataWords(version)
  const bits = [...bitsOf(4, 4), ...bitsOf(bytes.length, lengthBits(version)), ...[...bytes].flatMap((byte) => bitsOf(byte, 8))]
  bits.push(...bitsOf(0, Math.min(4, capacity * 8 - bits.length)))
  while (bits.length % 8 !== 0) bits.push(0)
  const data = Array.from({ length: bits.length / 8 }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2))
  for (let filled = 0; data.length < capacity; filled += 1) data.push(filled % 2 === 0 ? 0xec : 0x11)
  return data
}

/** The later blocks are one word longer where the data does not divide evenly. */
const blocksOf = (version: Version, data: readonly number[]): number[][] => {
  const short = Math.floor(data.length / version.blocks)
  const longer = data.length % version.blocks
  let at = 0
  return Array.from({ length: version.blocks }, (_, index) => {
    const length = short + (index >= version.blocks - longer ? 1 : 0)
    at += length
    return data.slice(at - length, at)
  })
}

const interleaved = (blocks: readonly (readonly number[])[]): number[] => {
  const longest = Math.max(...blocks.map((block) => block.length))
  return Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block[at] ?? [])).flat()
}

/** All code words in the order in which they are drawn, as bits. */
export const drawnBits = (version: Version, bytes: Uint8Array): number[] => {
  const blocks = blocksOf(version, dataOf(version, bytes))
  const corrections = blocks.map((block) => correctionOf(block, version.correction))
  return [...interleaved(blocks), ...interleaved(corrections)].flatMap((word) => bitsOf(word, 8))
}
