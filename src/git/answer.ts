import type { Answered } from './engine.ts'
import type { GitProcess } from './process.ts'

/** Git's output as it comes; a byte that is taken is a byte that moved. */
async function* outputOf(git: GitProcess, done: { atEnd: boolean }): AsyncGenerator<Buffer> {
  for await (const chunk of git.output as AsyncIterable<Buffer>) {
    git.touch()
    yield chunk
  }
  done.atEnd = true
}

/** Has git's output read to its end, or as far as is wanted, and waits until git is gone. A fault of `read` is thrown. */
export const readAnswer = async <Result>(
  git: GitProcess,
  read: (output: AsyncIterable<Buffer>) => Promise<Result>,
): Promise<Answered<Result>> => {
  const done = { atEnd: false }
  const attempt = await Promise.allSettled([read(outputOf(git, done))])
  const [outcome] = attempt
  if (!done.atEnd) git.stop('no more is wanted')
  const ending = await git.ended
  // A broken stream is how `read` learns that git was cut off; that, and a failure of git, say more than its fault.
  if (ending.kind === 'aborted' && ending.reason !== 'no more is wanted') return ending
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
