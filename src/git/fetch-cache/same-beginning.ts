import type { Answer } from './answer.ts'
import type { Reader } from './reader.ts'

const pieceLength = 256 * 1_024

const isSamePiece = async (one: Answer, other: Answer, length: number, offset: number): Promise<boolean> => {
  const pieces = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const
  const read = await Promise.all([one.read(pieces[0], length, offset), other.read(pieces[1], length, offset)])
  return read[0] === length && read[1] === length && pieces[0].equals(pieces[1])
}

/** Bytes that both are known to have at least: one step further than before. Undefined where they differ. */
const compareMore = async (earlier: Answer, answer: Answer, known: number, length: number): Promise<number | undefined> => {
  if (!(await isSamePiece(earlier, answer, length, known))) return undefined
  const same = Math.max(known + length, answer.sameAs.get(earlier) ?? 0)
  answer.sameAs.set(earlier, same)
  return same
}

/**
 * Whether a new answer begins with the bytes of an earlier one that a reader was handed; undefined where it ended
 * before that could be told, or the reader went. What one reader has compared, the next one need not.
 */
export const beginsAlike = async (reader: Reader, earlier: Answer, answer: Answer): Promise<boolean | undefined> => {
  let known = answer.sameAs.get(earlier) ?? 0
  while (!reader.isGone && known < reader.offset) {
    const { end, size } = answer
    const length = Math.min(pieceLength, reader.offset - known, size - known)
    if (length > 0) {
      const same = await compareMore(earlier, answer, known, length)
      if (same === undefined) return false
      known = same
    } else if (end === undefined) await reader.growth(answer)
    else return end.kind === 'whole' ? false : undefined
  }
  return reader.isGone ? undefined : true
}
