import { Secret } from '../core/secret.ts'

const word = Buffer.from('[MASKED]')

/** What stands in a log in place of a value, of the same length in bytes, so that later offsets stay right. */
const coverOf = (length: number): Buffer => {
  const cover = Buffer.alloc(length, '*')
  if (length >= word.length) word.copy(cover)
  return cover
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Where a value stands, overlapping places too, each joined with those that touch it. */
const spansOf = (bytes: Buffer, value: Buffer): Span[] => {
  const spans: Span[] = []
  for (let at = bytes.indexOf(value); at !== -1; at = bytes.indexOf(value, at + 1)) {
    const last = spans.at(-1)
    if (last !== undefined && at < last.to) spans.splice(-1, 1, { from: last.from, to: at + value.length })
    else spans.push({ from: at, to: at + value.length })
  }
  return spans
}

/** Covers values in a job's log, which comes in pieces. */
export class LogMask {
  readonly #values: readonly Buffer[]
  /** Bytes of the log so far that must be looked at again with the next piece: a value may begin in them. */
  readonly overlap: number

  constructor(values: readonly Secret[]) {
    const texts = new Set(values.map(Secret.open).filter((text) => text !== ''))
    this.#values = [...texts].map((text) => Buffer.from(text, 'utf8'))
    this.overlap = Math.max(0, ...this.#values.map(({ length }) => length - 1))
  }

  /** A copy in which no value can be read; all of them are looked for before the first is covered. */
  cover(bytes: Buffer): Buffer {
    const spans = this.#values.flatMap((value) => spansOf(bytes, value))
    if (spans.length === 0) return bytes
    const covered = Buffer.from(bytes)
    for (const { from, to } of spans) coverOf(to - from).copy(covered, from)
    return covered
  }
}
