const lineFeed = 0x0a

/** How many lines end in a part of these bytes. */
export const lineEnds = (bytes: Buffer, from: number, to: number): number => {
  let count = 0
  for (let at = from; at < to; at += 1) if (bytes[at] === lineFeed) count += 1
  return count
}
