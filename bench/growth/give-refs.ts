import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../processes.ts'

/** How names sort in `packed-refs`: by their bytes. */
const topic = (number: number): string => `refs/heads/topic/${String(number).padStart(6, '0')}`

/**
 * Gives a repository whose `main` has a history so many refs, as an administrator would who writes to the disk: with
 * many branches, spread over the history.
 */
export const giveRefs = async (repository: string, count: number): Promise<void> => {
  const commits = (await run('git', ['-C', repository, 'rev-list', 'refs/heads/main'])).trim().split('\n')
  const branches = Array.from({ length: count - 1 }, (_, number) => `${commits[number % commits.length]} ${topic(number)}\n`)
  const lines = [`# pack-refs with: peeled fully-peeled sorted \n`, `${commits[0]} refs/heads/main\n`, ...branches]
  const file = join(repository, 'packed-refs')
  await writeFile(`${file}.new`, lines.join(''))
  await rename(`${file}.new`, file)
}
