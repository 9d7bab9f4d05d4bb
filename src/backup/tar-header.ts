/** One file of an archive. */
export interface TarEntry {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** When it was last changed, in seconds since 1970. */
  readonly changedAt: number
}

export const blockSize = 512

/** Fields of a header of POSIX `ustar` (pax(1)): where they begin, and how long they are. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  changedAt: [136, 12],
  checksum: [148, 8],
  kind: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const

type Field = keyof typeof fields

const put = (header: Buffer, field: Field, text: string): void => {
  const [start, length] = fields[field]
  if (Buffer.byteLength(text, 'latin1') > length) throw new Error(`${text} is too long for a header`)
  header.write(text, start, length, 'latin1')
}

const take = (header: Buffer, field: Field): string => {
  const [start, length] = fields[field]
  const text = header.toString('latin1', start, start + length)
  const end = text.indexOf('\0')
  return end < 0 ? text : text.slice(0, end)
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')

/** Eight GiB and more take eight bytes behind a mark, as GNU tar writes them. */
const largestOctal = 8 ** 11 - 1
const mark = 0x80

const putSize = (header: Buffer, size: number): void => {
  const [start, length] = fields.size
  if (size <= largestOctal) {
    put(header, 'size', `${octal(size, 11)}\0`)
    return
  }
  header.fill(0, start, start + length)
  header.writeUInt8(mark, start)
  header.writeBigUInt64BE(BigInt(size), start + length - 8)
}

const takeSize = (header: Buffer): number => {
  const [start, length] = fields.size
  if (header.readUInt8(start) === mark) return Number(header.readBigUInt64BE(start + length - 8))
  return takeOctal(header, 'size')
}

const takeOctal = (header: Buffer, field: Field): number => {
  const text = take(header, field).trim()
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
}

/** The sum of all bytes, with blanks in the place of the sum itself. */
const checksumOf = (header: Buffer): number => {
  const [start, length] = fields.checksum
  const blank = Buffer.from(header).fill(' ', start, start + length)
  return blank.reduce((sum, byte) => sum + byte, 0)
}

/** A long path stands in two fields, parted at a slash. */
const partPath = (path: string): readonly [string, string] => {
  if (path.length <= fields.name[1]) return ['', path]
  const at = path.lastIndexOf('/', fields.prefix[1])
  return [path.slice(0, at), path.slice(at + 1)]
}

/** Files are for their owner alone, whatever unpacks them. */
export const encodeHeader = ({ path, size, changedAt }: TarEntry): Buffer => {
  const header = Buffer.alloc(blockSize)
  const [prefix, name] = partPath(path)
  put(header, 'prefix', prefix)
  put(header, 'name', name)
  put(header, 'mode', `${octal(0o600, 7)}\0`)
  put(header, 'owner', `${octal(0, 7)}\0`)
  put(header, 'group', `${octal(0, 7)}\0`)
  putSize(header, size)
  put(header, 'changedAt', `${octal(Math.max(0, Math.floor(changedAt)), 11)}\0`)
  put(header, 'kind', '0')
  put(header, 'magic', 'ustar\x0000')
  put(header, 'checksum', `${octal(checksumOf(header), 6)}\0 `)
  return header
}

/** What a block says; `end` for one of zeros. Undefined for what `encodeHeader` did not write. */
export const parseHeader = (header: Buffer): TarEntry | 'end' | undefined => {
  if (header.length !== blockSize) return undefined
  if (header.every((byte) => byte === 0)) return 'end'
  const isOurs = take(header, 'magic') === 'ustar' && take(header, 'kind') === '0'
  if (!isOurs || takeOctal(header, 'checksum') !== checksumOf(header)) return undefined
  const [prefix, name] = [take(header, 'prefix'), take(header, 'name')]
  const [size, changedAt] = [takeSize(header), takeOctal(header, 'changedAt')]
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(changedAt)) return undefined
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, changedAt }
}

/** Zeros behind a file, up to the next block. */
export const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize
