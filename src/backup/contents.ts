import { createHash, type Hash } from 'node:crypto'
import type { TarEntry } from './tar-header.ts'

export const formatNumber = 1

/** What stands first: what this is. */
export interface Heading {
  readonly format: number
  /** Of the program that made it. */
  readonly version: string
  /** The moment whose state it holds. */
  readonly moment: string
}

/** Files that belong together, with a digest over their names, sizes and bytes. */
export interface Part {
  readonly name: string
  readonly files: number
  /** Bytes. */
  readonly bytes: number
  /** SHA-256, hexadecimal. */
  readonly digest: string
}

/** What stands last: without it a backup is not whole. */
export interface Contents {
  /** SHA-256 of what stands first, hexadecimal. */
  readonly heading: string
  readonly parts: readonly Part[]
}

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Counts and digests the files of one part. */
export class PartSum {
  readonly name: string
  readonly #hash: Hash = createHash('sha256')
  #files = 0
  #bytes = 0

  constructor(name: string) {
    this.name = name
  }

  begin({ path, size }: Pick<TarEntry, 'path' | 'size'>): void {
    this.#hash.update(`${path}\0${size}\0`)
    this.#files += 1
    this.#bytes += size
  }

  add(bytes: Buffer): void {
    this.#hash.update(bytes)
  }

  end(): Part {
    return { name: this.name, files: this.#files, bytes: this.#bytes, digest: this.#hash.digest('hex') }
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** As `Date` writes it: it is shown to people, and a date of other forms may hold any text. */
const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text))

/** Undefined for what is no heading. */
export const parseHeading = (text: string): Heading | undefined => {
  const value = parse(text)
  if (!isFields(value)) return undefined
  const { format, version, moment } = value
  if (typeof format !== 'number' || typeof version !== 'string' || typeof moment !== 'string') return undefined
  return version.length <= 64 && isMoment(moment) ? { format, version, moment } : undefined
}

const partIn = (value: unknown): Part[] => {
  if (!isFields(value)) return []
  const { name, files, bytes, digest } = value
  const isPart = typeof name === 'string' && typeof files === 'number' && typeof bytes === 'number' && typeof digest === 'string'
  return isPart ? [{ name, files, bytes, digest }] : []
}

/** Undefined for what is no list of contents. */
export const parseContents = (text: string): Contents | undefined => {
  const value = parse(text)
  if (!isFields(value)) return undefined
  const { heading, parts: given } = value
  if (typeof heading !== 'string' || !Array.isArray(given)) return undefined
  const parts = given.flatMap(partIn)
  return parts.length === given.length ? { heading, parts } : undefined
}
