import { endFromText, endToText, type StoredEnd } from './ending.ts'

/** What stands in front of an answer in its file: who makes it, how much room is taken for it, and how it ended. */
export interface Header {
  readonly maker: string
  /** The program that writes it for its maker; empty before it was started. */
  readonly writer: string
  /** Bytes of the file that are counted already, though they may not be written yet. */
  readonly reserved: number
  /** Undefined while it grows. */
  readonly end: StoredEnd | undefined
}

/** Bytes in front of an answer. */
export const headerLength = 1_024

const fields = { state: [0, 1], reserved: [16, 32], maker: [32, 96], writer: [96, 160], end: [160, headerLength] } as const
type Field = keyof typeof fields

const ended = 'e'

/** One field, as bytes and the place where they belong. */
export interface Patch {
  readonly bytes: Buffer
  readonly position: number
}

const patch = (field: Field, text: string): Patch => {
  const [start, stop] = fields[field]
  const bytes = Buffer.alloc(stop - start, ' ')
  if (Buffer.byteLength(text) > bytes.length) throw new Error(`a header has no room for its ${field}`)
  bytes.write(text)
  return { bytes, position: start }
}

export const reservedPatch = (bytes: number): Patch => patch('reserved', String(bytes))

export const writerPatch = (identity: string): Patch => patch('writer', identity)

/** The state goes last: whoever reads `ended` finds the rest complete. */
export const endPatches = (end: StoredEnd): readonly Patch[] => [patch('end', endToText(end)), patch('state', ended)]

export const newHeader = (maker: string, reserved: number): Buffer => {
  const header = Buffer.alloc(headerLength, ' ')
  for (const { bytes, position } of [patch('maker', maker), reservedPatch(reserved)]) bytes.copy(header, position)
  return header
}

/** Reads a header; undefined where there is not a whole one. */
export const parseHeader = (bytes: Buffer): Header | undefined => {
  if (bytes.length < headerLength) return undefined
  const read = (field: Field): string => bytes.toString('utf8', ...fields[field]).trim()
  const reserved = /^\d{1,15}$/.test(read('reserved')) ? Number(read('reserved')) : 0
  const end = read('state') === ended ? endFromText(read('end')) : undefined
  return { maker: read('maker'), writer: read('writer'), reserved, end }
}
