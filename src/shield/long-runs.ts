/** What a byte is in base64, in either of its alphabets: none of its characters, one of hexadecimal texts too, or another. */
const kinds = new Uint8Array(256)
const [hexadecimal, other] = [1, 2]
for (const character of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'))
  kinds[character] = other
for (const character of Buffer.from('0123456789abcdef')) kinds[character] = hexadecimal

/** Bytes between two that are looked at: nothing that is as long as this is missed. */
export const longRun = 60

const [lineFeed, carriageReturn, blank, tab] = [0x0a, 0x0d, 0x20, 0x09]

/** Characters of base64 in a row, over the ends of lines too. */
export interface Run {
  readonly from: number
  readonly to: number
  /** All of it is hexadecimal. No text has such a base64: it is a sum or an id. */
  readonly isHexadecimal: boolean
}

/** Finds the ends of one run, and which kinds of characters were in it. */
class RunReader {
  readonly #bytes: Buffer
  /** The bits of all kinds. */
  #seen = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The run around a byte that is of one; undefined where its first line is short. */
  around(inside: number, least: number): Run | undefined {
    this.#seen = 0
    const from = this.#startOf(inside, least)
    const first = this.#endOf(inside)
    if (first - from < longRun) return undefined
    const to = this.#endOverLines(from, first)
    return { from, to, isHexadecimal: this.#seen === hexadecimal }
  }

  #startOf(inside: number, least: number): number {
    const bytes = this.#bytes
    let [at, seen] = [inside, 0]
    for (; at > least; at -= 1) {
      const kind = kinds[bytes[at - 1] ?? 0] ?? 0
      if (kind === 0) break
      seen |= kind
    }
    this.#seen |= seen
    return at
  }

  #endOf(inside: number): number {
    const bytes = this.#bytes
    let [at, seen] = [inside, 0]
    for (; at < bytes.length; at += 1) {
      const kind = kinds[bytes[at] ?? 0] ?? 0
      if (kind === 0) break
      seen |= kind
    }
    this.#seen |= seen
    return at
  }

  /** Where the next line of a broken run begins; undefined where none follows. */
  #nextLine(end: number): number | undefined {
    const bytes = this.#bytes
    let at = bytes[end] === carriageReturn ? end + 1 : end
    if (bytes[at] !== lineFeed) return undefined
    at += 1
    while (bytes[at] === blank || bytes[at] === tab) at += 1
    return kinds[bytes[at] ?? 0] === 0 ? undefined : at
  }

  /** A run is broken where its line was long; the lines are as long as the first, but for the last. */
  #endOverLines(from: number, first: number): number {
    const length = first - from
    let end = first
    for (let next = this.#nextLine(end); next !== undefined; next = this.#nextLine(end)) {
      const seen = this.#seen
      const lineEnd = this.#endOf(next)
      if (lineEnd - next > length) {
        this.#seen = seen
        return end
      }
      end = lineEnd
      if (end - next < length) return end
    }
    return end
  }
}

/** All long runs, in order; of each 60 bytes one is looked at. */
export function* longRuns(bytes: Buffer): Generator<Run> {
  const reader = new RunReader(bytes)
  let least = 0
  for (let at = longRun - 1; at < bytes.length; at += longRun) {
    if (kinds[bytes[at] ?? 0] === 0) continue
    const run = reader.around(at, least)
    if (run === undefined) continue
    yield run
    least = run.to
    at = Math.max(at, run.to - 1)
  }
}

/** Characters of base64 in a part of these bytes. */
export const charactersIn = (bytes: Buffer, from: number, to: number): number => {
  let count = 0
  for (let at = from; at < to; at += 1) if (kinds[bytes[at] ?? 0] !== 0) count += 1
  return count
}
