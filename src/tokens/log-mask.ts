import { setImmediate as turn } from 'node:timers/promises'
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

/** For each beginning of a value: how much of its own start it ends with. */
type Borders = Uint32Array

/** How much of the value's start stands at this byte, where so much of it stood before. */
const step = (value: Buffer, borders: Borders, before: number, byte: number | undefined): number => {
  let length = before
  while (length > 0 && byte !== value[length]) length = borders[length - 1] ?? 0
  return byte === value[length] ? length + 1 : length
}

const bordersOf = (value: Buffer): Borders => {
  const borders = new Uint32Array(value.length)
  for (let at = 1; at < value.length; at += 1) borders[at] = step(value, borders, borders[at - 1] ?? 0, value[at])
  return borders
}

/**
 * Where a value stands, overlapping places too, each joined with those that touch it. Looks at each byte about once,
 * whatever the log repeats (Knuth, Morris and Pratt): logs and values are a stranger's choice.
 */
const spansOf = (bytes: Buffer, value: Buffer): Span[] => {
  const first = bytes.indexOf(value)
  if (first === -1) return []
  const borders = bordersOf(value)
  const spans: Span[] = []
  for (let at = first, length = 0; at < bytes.length; at += 1) {
    length = step(value, borders, length, bytes[at])
    if (length < value.length) continue
    const span = { from: at + 1 - value.length, to: at + 1 }
    const last = spans.at(-1)
    if (last !== undefined && span.from < last.to) spans[spans.length - 1] = { from: last.from, to: span.to }
    else spans.push(span)
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

  /**
   * A copy in which no value can be read; all of them are looked for before the first is covered. Others have their turn
   * after each value that is there.
   */
  async cover(bytes: Buffer): Promise<Buffer> {
    const spans: Span[] = []
    for (const value of this.#values) {
      const found = spansOf(bytes, value)
      if (found.length === 0) continue
      for (const span of found) spans.push(span)
      await turn()
    }
    if (spans.length === 0) return bytes
    const covered = Buffer.from(bytes)
    for (const { from, to } of spans) coverOf(to - from).copy(covered, from)
    return covered
  }
}
