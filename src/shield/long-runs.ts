/** Characters of base64, in both of its alphabets; all of a hexadecimal text too. */
const isOfRun = new Uint8Array(256)
for (const character of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')) isOfRun[character] = 1

/** Bytes between two that are looked at: nothing that is as long as this is missed. */
export const longRun = 60

const [lineFeed, carriageReturn, blank, tab] = [0x0a, 0x0d, 0x20, 0x09]

/** Characters of base64 in a row, over the ends of lines too. */
export interface Run {
  readonly from: number
  readonly to: number
}

const startOf = (bytes: Buffer, inside: number, least: number): number => {
  let at = inside
  while (at > least && isOfRun[bytes[at - 1] ?? 0] === 1) at -= 1
  return at
}

const endOf = (bytes: Buffer, inside: number): number => {
  let at = inside
  while (at < bytes.length && isOfRun[bytes[at] ?? 0] === 1) at += 1
  return at
}

/** Where the next line of a broken run begins; undefined where none follows. */
const nextLine = (bytes: Buffer, end: number): number | undefined => {
  let at = bytes[end] === carriageReturn ? end + 1 : end
  if (bytes[at] !== lineFeed) return undefined
  at += 1
  while (bytes[at] === blank || bytes[at] === tab) at += 1
  return isOfRun[bytes[at] ?? 0] === 1 ? at : undefined
}

/** A run is broken where its line was long; the lines are as long as the first, but for the last. */
const endOverLines = (bytes: Buffer, from: number, first: number): number => {
  const length = first - from
  let end = first
  for (let next = nextLine(bytes, end); next !== undefined; next = nextLine(bytes, end)) {
    const lineEnd = endOf(bytes, next)
    if (lineEnd - next > length) return end
    end = lineEnd
    if (end - next < length) return end
  }
  return end
}

/** All long runs, in order; of each 60 bytes one is looked at. */
export function* longRuns(bytes: Buffer): Generator<Run> {
  let least = 0
  for (let at = longRun - 1; at < bytes.length; at += longRun) {
    if (isOfRun[bytes[at] ?? 0] === 0) continue
    const from = startOf(bytes, at, least)
    const first = endOf(bytes, at)
    if (first - from < longRun) continue
    const to = endOverLines(bytes, from, first)
    yield { from, to }
    least = to
    at = Math.max(at, to - 1)
  }
}
