import type { Answered } from './engine.ts'
import type { Ended, GitProcess } from './process.ts'

/** Git's output as it comes; a byte that is taken is a byte that moved. */
async function* outputOf(git: GitProcess, done: { atEnd: boolean }): AsyncGenerator<Buffer> {
  for await (const chunk of git.output as AsyncIterable<Buffer>) {
    git.touch()
    yield chunk
  }
  done.atEnd = true
}

/** Resolves where git was cut off, and never where it came to an end by itself. */
const cutOff = (git: GitProcess): Promise<Extract<Ended, { kind: 'aborted' }>> =>
  new Promise((resolve) => void git.ended.then((ending) => ending.kind === 'aborted' && resolve(ending)))

const enough = 'no more is wanted'

/**
 * Has git's output read to its end, or as far as is wanted, and waits until git is gone. A fault of `read` is thrown.
 * Where git is cut off, `read` is not waited for: it may stand before a client that takes nothing any more.
 */
export const readAnswer = async <Result>(
  git: GitProcess,
  read: (output: AsyncIterable<Buffer>) => Promise<Result>,
): Promise<Answered<Result>> => {
  const done = { atEnd: false }
  const reading = Promise.allSettled([read(outputOf(git, done))])
  const first = await Promise.race([reading, cutOff(git)])
  if ('kind' in first) return first
  const [outcome] = first
  if (!done.atEnd) git.stop(enough)
  const ending = await git.ended
  // A broken stream is how `read` learns that git was cut off; that, and a failure of git, say more than its fault.
  if (ending.kind === 'aborted' && ending.reason !== enough) return ending
  if (done.atEnd && ending.kind === 'exited' && ending.code !== 0) {
    return { kind: 'failed', code: ending.code, complaint: git.complaint }
  }
  if (outcome.status === 'rejected') throw outcome.reason
  return { kind: 'answered', result: outcome.value }
}

/** All of an answer that is short by nature. Throws where it is longer than that. */
export const bytesOf = async (output: AsyncIterable<Buffer>, most = 2 ** 20): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of output) {
    size += chunk.length
    if (size > most) throw new Error(`git answered more than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
