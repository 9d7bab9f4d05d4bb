import { recordsOf } from './byte-reader.ts'

/** Lines that a commit added and took away. */
export interface LineCounts {
  readonly additions: number
  readonly deletions: number
}

const numberBefore = (line: string, word: string): number => Number(new RegExp(`(\\d{1,15}) ${word}`).exec(line)?.[1] ?? 0)

/**
 * Answers to `stats` by the commit's id. One that changed nothing has none.
 * A commit's id stands in a line of its own; the next one says ` 2 files changed, 3 insertions(+), 1 deletion(-)`.
 */
export const readLineCounts = async (output: AsyncIterable<Buffer>): Promise<Map<string, LineCounts>> => {
  const counts = new Map<string, LineCounts>()
  let id: string | undefined
  for await (const record of recordsOf(output, 0x0a, 4_096)) {
    const line = record.toString()
    const named = /^(?:[0-9a-f]{40}|[0-9a-f]{64})\b/.exec(line)?.[0]
    if (named !== undefined) id = named
    else if (id !== undefined && line.includes('changed')) {
      counts.set(id, { additions: numberBefore(line, 'insertion'), deletions: numberBefore(line, 'deletion') })
    }
  }
  return counts
}
